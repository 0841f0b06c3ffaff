"""What the page says before anything was heard, as HTML."""

HERO = """
<header class="syn-hero">
  <svg class="syn-mark" viewBox="0 0 120 120" aria-hidden="true">
    <circle cx="60" cy="60" r="11"/><circle cx="60" cy="60" r="24"/><circle cx="60" cy="60" r="38"/>
    <circle cx="60" cy="60" r="53"/>
  </svg>
  <div><h1>Synesthete</h1><p>Hear it, see it, play it back.</p></div>
</header>
"""
UNHEARD = """
<div class="syn-words syn-unheard"><p class="syn-caption">What does it sound like?</p>
<ul class="syn-promise">
  <li><svg viewBox="0 0 24 24"><path d="M3 10v4M7.5 6v12M12 3v18M16.5 8v8M21 10.5v3"/></svg>
    <b>Hear</b><span>Genre, mood, tempo and key, and how sure it is of each</span></li>
  <li><svg viewBox="0 0 24 24"><path d="M2 12s3.5-7 10-7 10 7 10 7-3.5 7-10 7-10-7-10-7z"/>
    <circle cx="12" cy="12" r="3"/></svg><b>See</b><span>A picture in the colours of that mood</span></li>
  <li><svg viewBox="0 0 24 24"><path d="M9 18V5l11-2v13"/><circle cx="6" cy="18" r="3"/>
    <circle cx="17" cy="16" r="3"/></svg><b>Play</b><span>New music with its tempo, its key and its feeling</span></li>
</ul></div>
"""
