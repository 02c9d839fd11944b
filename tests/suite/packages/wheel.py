"""Makes a distribution from ``[folder, name, version, requirements, {path: text}]``: a wheel, as small as can be."""

import json
import os
import sys
import zipfile

folder, name, version, requirements, files = json.loads(sys.argv[1])
stem = "{}-{}".format(name.replace("-", "_"), version)
info = stem + ".dist-info/"
needed = "".join("Requires-Dist: {}\n".format(requirement) for requirement in requirements)
files[info + "METADATA"] = "Metadata-Version: 2.1\nName: {}\nVersion: {}\n{}".format(name, version, needed)
files[info + "WHEEL"] = "Wheel-Version: 1.0\nGenerator: verify\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
files[info + "RECORD"] = "".join(path + ",,\n" for path in files)
with zipfile.ZipFile(os.path.join(folder, stem + "-py3-none-any.whl"), "w") as wheel:
    for path, text in files.items():
        wheel.writestr(path, text)
