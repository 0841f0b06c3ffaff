"""A picture made larger, by a library: Pillow's Lanczos filter and a mild unsharp mask.

Networks that would draw in new detail were tried: the waifu2x, Real-CUGAN and Real-ESRGAN wheels (ncnn) need a Vulkan
library even to compute on a CPU, and each weighs 36 to 47 MB beside OpenCV.
"""

import numpy as np
import numpy.typing as npt

RADIUS_PX, PERCENT, THRESHOLD = 1.0, 40, 2
"""Of the unsharp mask, in pixels of the large picture; the threshold spares what is nearly flat, such as a sky."""


def enlarged(pixels: npt.NDArray[np.uint8], times: int) -> npt.NDArray[np.uint8]:
    """uint8 (height, width, 3) -> (times height, times width, 3); once is the picture itself."""
    if times == 1:
        return pixels
    from PIL import Image, ImageFilter

    height, width = pixels.shape[:2]
    large = Image.fromarray(pixels).resize((times * width, times * height), Image.Resampling.LANCZOS)
    return np.asarray(large.filter(ImageFilter.UnsharpMask(RADIUS_PX, PERCENT, THRESHOLD)))
