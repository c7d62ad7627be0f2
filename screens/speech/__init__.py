"""The voice: what a page says (`wording`), what is never said aloud (`masking`), who says it (`player`), when
(`narrator`). Nothing personal is kept: sentences live as long as they sound."""
