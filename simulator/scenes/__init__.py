"""What stands or lies before the simulated cameras: people, codes, documents on a desk; drawn with what is true of it.

Each module has a frozen scene and `draw(scene) -> (pixels, truth)`: pixels are height x width x BGR, the truth says
where things are and what they say. The same scene gives the same picture. Importing a module loads OpenCV.
"""
