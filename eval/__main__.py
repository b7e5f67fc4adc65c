"""Every benchmark, one after the other: `python -m eval`, or some of them by name."""

from __future__ import annotations

import argparse
import subprocess
import sys

BENCHMARKS = {
    "word_error_rate": "word error rate and real-time factor of each engine, called directly",
    "hard_listening": "word error rate of each engine among voices, across a room, by telephone",
    "lesson_vocabulary": "a lesson's own words: how many more are heard, and at what cost",
    "live_captions": "word error rate and latency, in real time through the public API",
    "streaming_policies": "how soon words stand and how often they change, by streaming policy",
    "invented_words": "text where nobody speaks, and real words lost for it",
    "long_lesson": "memory and cost of a window over three hours of lesson, in virtual time",
    "path_overhead": "what gateway, Ray and ledger add to a direct call of the engine",
    "ingest_capacity": "peers that one ingest worker holds, audio only and with video",
    "camera_capacity": "learners whose camera one core can look at, twice a second",
    "live_capacity": "live tracks that this machine captions in real time",
    "durable_ingest": "events a second into the ledger, against plain INSERT and COPY",
    "read_your_event": "from posting an event to seeing it on a stream, with many streams open",
    "query_scaling": "the same pages with a short and with a long history behind them",
    "kill_nine": "kill -9 of every process under load: what is lost, doubled or missing",
    "socket_cuts": "a reader's stream cut at random: its transcript against an undisturbed one",
    "caption_chaos": "live captions while gateway, worker and captioner are killed at random",
    "off_task_minutes": "off-task minutes in a real log: average precision, by learner",
    "engagement_capacity": "learners whose engagement one core follows, and what Serve costs",
    "talk_moves": "talk moves, uptake, focusing and on task against people who rated them",
    "engagement_simulated": "engagement states and nudges on simulated lessons, against rivals",
    "segmentation": "lessons divided and linked to problems: Pk, WindowDiff, boundary F1, top-1",
    "faithfulness": "summaries: what of them the record supports, with errors in captions too",
    "faithfulness_heard": "summaries of lessons spoken and recognised, ever harder to hear",
    "lesson_coherence": "how many real lessons would be taken for misheard, and garbled ones not",
    "summary_speed": "from a lesson's end to its summary: seconds, stage by stage, and memory",
    "note_lag": "live notes: how long after a caption what is told of it is in the ledger",
    "meeting_summaries": "ROUGE of what summaries quote, on meetings: a side figure",
    "webhook_outage": "a day of webhook outage in virtual time: what is lost, order, catch-up",
}


def main() -> None:
    """Run the benchmarks that were named, or all; each prints its own figures."""
    parser = argparse.ArgumentParser(
        prog="python -m eval",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="\n".join(f"  {name:20} {what}" for name, what in BENCHMARKS.items()),
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="benchmarks to run (all of them)")
    names = parser.parse_args().names or list(BENCHMARKS)
    if unknown := sorted(set(names) - set(BENCHMARKS)):
        parser.error(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    failed = []
    for name in names:
        print(f"\n== {name}: {BENCHMARKS[name]}", flush=True)
        if subprocess.run([sys.executable, "-m", f"eval.{name}"], check=False).returncode:
            failed.append(name)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
