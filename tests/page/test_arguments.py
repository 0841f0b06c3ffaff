"""Arguments of endpoints: adapters in the forms that people send, and a sentence for any other."""

import pytest

from core.errors import UserError
from page import arguments as given


@pytest.mark.parametrize(
    ("value", "adapters"),
    [
        (None, ()),
        ([], ()),
        ({"chalk": 0.5, "neon": None}, (("chalk", 0.5), ("neon", 1.0))),
        (["chalk:0.5", "neon", "odd:name:-1"], (("chalk", 0.5), ("neon", 1.0), ("odd:name", -1.0))),
    ],
)
def test_adapters_are_names_with_weights(value: object, adapters: object) -> None:
    assert given.adapters(value) == adapters


@pytest.mark.parametrize("value", ["chalk", 3, [3], ["chalk:much"], {"chalk": "0.5"}, {"chalk": True}, [["chalk", 1]]])
def test_other_adapters_are_a_sentence(value: object) -> None:
    with pytest.raises(UserError, match="adapter"):
        given.adapters(value)


@pytest.mark.parametrize("value", [None, "/etc/passwd", {"path": "/etc/passwd"}])
def test_only_uploads_are_read(value: object) -> None:
    with pytest.raises(UserError, match="picture"):
        given.picture_path(value)
