"""Finer traits of one face: how far the eyes are open, the mouth, chin and cheeks, by MediaPipe's mesh and iris nets.

The mesh's own eyelids do not follow closed eyes (measured); the eye contour of the iris net does. `ENGINE_CLASSIC`:
OpenCV 5's default engine loses all but one output of these files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from drivers.camera.face_files import IRIS, MESH
from drivers.camera.matching import Face

if TYPE_CHECKING:
    from numpy import float64, uint8
    from numpy.typing import NDArray

MODEL = "mediapipe-mesh+iris"
_MESH_SIDE, _IRIS_SIDE = 192, 64
_MESH_ROOM, _IRIS_ROOM = 1.4, 2.3  # how much wider than box and eye the nets want to look
# Points of the mesh: corners of the eyes (left to right in the picture), lips, cheeks, forehead, chin.
_RIGHT_EYE, _LEFT_EYE = (33, 133), (362, 263)
_LIPS, _MOUTH, _CHEEKS, _FOREHEAD, _CHIN = (13, 14), (61, 291), (234, 454), 10, 152


@dataclass(frozen=True, slots=True, eq=False)
class Traits:
    """`right_open`, `left_open`: lid gap in eye widths (0.3 open, under 0.15 shut). `mouth`: lip gap in mouth widths.

    Points are in the picture's pixels: right and left eye, forehead and chin in the middle, right and left cheek.
    `nod`: degrees by which the chin is nearer than the forehead, as the net sees depth.
    """

    right_open: float
    left_open: float
    mouth: float
    eyes: NDArray[float64]
    forehead: NDArray[float64]
    chin: NDArray[float64]
    cheeks: NDArray[float64]
    nod: float

    @property
    def open(self) -> float:
        """Both eyes together."""
        return (self.right_open + self.left_open) / 2


class Landmarks:
    """Both nets. Raises `WeightsWrong` when a file is missing."""

    def __init__(self) -> None:
        import cv2

        mesh, iris = MESH.path(), IRIS.path()
        self._mesh = cv2.dnn.readNetFromTFLite(str(mesh), engine=cv2.dnn.ENGINE_CLASSIC)
        self._iris = cv2.dnn.readNetFromTFLite(str(iris), engine=cv2.dnn.ENGINE_CLASSIC)

    def traits(self, picture: NDArray[uint8], face: Face) -> Traits:
        """The traits of `face`."""
        import numpy as np

        x, y, width, height = (float(v) for v in face.box)
        across = face.points[1] - face.points[0]
        angle = float(np.arctan2(across[1], across[0]))
        centre = np.array([x + width / 2, y + height / 2])
        found, place = self._run(self._mesh, picture, centre, max(width, height) * _MESH_ROOM, angle, _MESH_SIDE)
        solid = next(each for each in found if each.size == 1404).reshape(468, 3).astype(np.float64)
        mesh = solid[:, :2] @ place[:, :2].T + place[:, 2]
        lips, mouth = mesh[_LIPS[1]] - mesh[_LIPS[0]], mesh[_MOUTH[1]] - mesh[_MOUTH[0]]
        upright = solid[_CHIN] - solid[_FOREHEAD]
        return Traits(
            self._lids(picture, mesh[list(_RIGHT_EYE)], mirrored=False),
            self._lids(picture, mesh[list(_LEFT_EYE)], mirrored=True),
            float(np.linalg.norm(lips)) / max(float(np.linalg.norm(mouth)), 1e-6),
            np.array([mesh[list(_RIGHT_EYE)].mean(axis=0), mesh[list(_LEFT_EYE)].mean(axis=0)]),
            mesh[_FOREHEAD],
            mesh[_CHIN],
            mesh[list(_CHEEKS)],
            float(np.degrees(np.arctan2(upright[2], upright[1]))),
        )

    def _lids(self, picture: NDArray[uint8], corners: Any, *, mirrored: bool) -> float:
        """The mean gap of the lids in eye widths. The net was made for one eye: the other is mirrored."""
        import numpy as np

        along = corners[1] - corners[0]
        size = _IRIS_ROOM * max(float(np.linalg.norm(along)), 2.0)
        angle = float(np.arctan2(along[1], along[0]))
        found, _ = self._run(self._iris, picture, corners.mean(axis=0), size, angle, _IRIS_SIDE, mirrored=mirrored)
        contour = next(each for each in found if each.size == 213).reshape(71, 3)[:16, :2].astype(np.float64)
        width = max(float(np.linalg.norm(contour[8] - contour[0])), 1e-6)
        gaps = np.linalg.norm(contour[3:6] - contour[11:14], axis=1)
        return float(gaps.mean() / width)

    @staticmethod
    def _run(
        net: Any, picture: NDArray[uint8], centre: Any, size: float, angle: float, side: int, *, mirrored: bool = False
    ) -> tuple[list[Any], Any]:
        """The net's outputs for a square around `centre`, and the matrix from its pixels to the picture's."""
        import cv2
        import numpy as np

        cosine, sine = float(np.cos(angle)), float(np.sin(angle))
        unit = size / side
        turn = np.array([[cosine * unit, -sine * unit], [sine * unit, cosine * unit]])
        place = np.column_stack([turn, np.asarray(centre, np.float64) - turn @ np.array([side / 2, side / 2])])
        how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        crop = cv2.warpAffine(picture, place, (side, side), flags=how, borderMode=cv2.BORDER_REPLICATE)
        if mirrored:
            crop = np.ascontiguousarray(crop[:, ::-1])
        net.setInput(cv2.dnn.blobFromImage(crop, 1 / 255.0, (side, side), swapRB=True))
        outputs = net.forward(net.getUnconnectedOutLayersNames())
        crop.fill(0)
        return list(outputs), place
