"""The workers of a study."""

from __future__ import annotations

from selfloop.engine.processes import Workers
from selfloop.tasks.task import Experiment

StudyWorkers = Workers[Experiment]
