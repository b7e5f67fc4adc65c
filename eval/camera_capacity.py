"""Learners whose camera one core can look at: time of a picture, and of a worker with live video.

    python -m eval.camera_capacity

First the face models and features alone, in this process, on drawn pictures: processor time of one
picture by part. Then a worker in a process of its own (peers, decoding, speech cut into utterances,
and in the second row a look at two pictures a second of each camera), to which this process
publishes by WHIP: a drawn learner who sways and blinks, VP8 at 25 pictures a second. Only the
worker's processor time counts, per second of audio that it received: on a busy machine the
publishers fall behind. The difference of the rows is what looking costs.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from eval.drawn_face import DrawnFace, drawn_picture
from eval.ingest_capacity import Load, measure
from features.camera.motion import thumbnail
from features.camera.windows import CameraWindows, SeenPicture
from media_ingest.paced_tracks import encode_pictures
from models.faces.detection import FaceDetector
from models.faces.files import DETECTION, MESH, models_folder, read_model
from models.faces.mesh import FaceMesh
from models.faces.reader import MediapipeFaces

PICTURES_PER_SECOND = 2
LOOP_PICTURES = 100
WARM_UP = 5

Picture = NDArray[np.uint8]


def swaying_learner() -> list[Picture]:
    """Four seconds of somebody who looks ahead, sways and blinks, 640x480."""
    return [
        drawn_picture(DrawnFace(x=0.5 + 0.01 * (number % 8), eyes_closed=number % 40 < 4))
        for number in range(LOOP_PICTURES)
    ]


def time_pictures(pictures: Sequence[Picture], count: int) -> None:
    """Print the processor time of one picture, by part and in all."""
    detector = FaceDetector(read_model(models_folder(), DETECTION))
    mesh = FaceMesh(read_model(models_folder(), MESH))
    images = [Image.fromarray(picture) for picture in pictures]
    found = [detector.detect(image)[0] for image in images]
    reader, windows = MediapipeFaces(), CameraWindows()

    def all_of_it(number: int) -> None:
        pixels = pictures[number % len(pictures)]
        at_ms = 1000 * number / PICTURES_PER_SECOND
        windows.take(SeenPicture(at_ms, reader.faces(pixels), thumbnail(pixels)))

    parts: dict[str, Callable[[int], object]] = {
        "find faces": lambda number: detector.detect(images[number % len(images)]),
        "mesh over the nearest": lambda number: mesh.fit(
            images[number % len(images)], found[number % len(found)]
        ),
        "thumbnail": lambda number: thumbnail(pictures[number % len(pictures)]),
        "all, pose and motion too": all_of_it,
    }
    for name, part in parts.items():
        milliseconds = processor_milliseconds(part, count)
        print(f"{name:32} {milliseconds:5.2f} ms of a core a picture", flush=True)
    share = milliseconds * PICTURES_PER_SECOND / 1000
    name = "looking alone"
    print(f"{name:32} {share:.4f} of real time a learner, {1 / share:3.0f} learners a core")


def processor_milliseconds(part: Callable[[int], object], count: int) -> float:
    """Processor time of this process per call."""
    for number in range(WARM_UP):
        part(number)
    started = time.process_time()
    for number in range(WARM_UP, WARM_UP + count):
        part(number)
    return 1000 * (time.process_time() - started) / count


async def run_workers(pictures: Sequence[Picture], peers: int, seconds: float) -> None:
    """Print what a worker takes without looking and with it."""
    encoded = encode_pictures(pictures)
    for name, looking in (("camera not looked at", False), ("camera looked at", True)):
        load = Load(name, peers, video=True, cutting=True, looking=looking, pictures=encoded)
        await measure(load, seconds)


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.camera_capacity",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--pictures", type=int, default=200, help="pictures of each part (200)")
    parser.add_argument("--peers", type=int, default=5, help="learners with a camera (5)")
    parser.add_argument("--seconds", type=float, default=15.0, help="length of each row (15)")
    arguments = parser.parse_args()
    pictures = swaying_learner()
    time_pictures(pictures, arguments.pictures)
    asyncio.run(run_workers(pictures, arguments.peers, arguments.seconds))


if __name__ == "__main__":
    main()
