"""Reads an OpenMetrics text and an HdrHistogram log with the parsers of others and prints what is in them as JSON."""
import json
import sys

from hdrh.histogram import HdrHistogram
from prometheus_client.openmetrics.parser import text_string_to_metric_families

metrics_file, log_file = sys.argv[1:3]
with open(metrics_file, encoding="utf-8") as text:
    families = [
        {"name": family.name, "type": family.type, "samples": [[s.name, s.labels, s.value] for s in family.samples]}
        for family in text_string_to_metric_families(text.read())
    ]
intervals = []
with open(log_file, encoding="utf-8") as log:
    for line in log:
        if line.startswith(("#", '"')):
            continue
        tag, start, length, longest, encoded = line.strip().replace("Tag=", "").split(",")
        histogram = HdrHistogram.decode(encoded)
        intervals.append(
            {
                "tag": tag,
                "start": float(start),
                "length": float(length),
                "count": histogram.get_total_count(),
                "p99": histogram.get_value_at_percentile(99),
            }
        )
print(json.dumps({"families": families, "intervals": intervals}))
