"""The HTML report of an evaluation: one file that needs nothing else. Data in, HTML out."""

from slugline.report.data import Report
from slugline.report.page import render

__all__ = ["Report", "render"]
