"""Opens a model that trace-replay train wrote, as docs/prediction.md says, and predicts rows with it.

open_model.py MODEL-DIRECTORY ROWS: ROWS is a JSON list of feature rows, null where a value is missing. Prints a JSON
object: the features and rounds that xgboost sees, and the outputs of each row.
"""

import json
import pathlib
import sys

import numpy
import xgboost

directory = pathlib.Path(sys.argv[1])
rows = numpy.array(json.loads(pathlib.Path(sys.argv[2]).read_text()), dtype=numpy.float32)
about = json.loads((directory / "about.json").read_text())

booster = xgboost.Booster(model_file=str(directory / about["model_file"]))
outputs = booster.predict(xgboost.DMatrix(rows), output_margin=True) + numpy.array(about["base"])

# The median and the upper output are distances from what similar jobs took, where there are any.
similar = rows[:, [f["name"] for f in about["features"]].index("similar_median")]
for name in ("median", "upper"):
    outputs[:, about["outputs"].index(name)] += numpy.nan_to_num(similar)

json.dump(
    {"features": booster.num_features(), "rounds": booster.num_boosted_rounds(), "outputs": outputs.tolist()},
    sys.stdout,
)
