"""Runs the live integration tests that pyhandle's own package carries against a node, and prints each one's outcome
as a JSON object. They read what to ask of whom from a file inside the package, so they run in a copy of it.

Usage: pyhandle-live-tests.py URL PREFIX SECRET_FILE
"""

import io
import json
import os
import shutil
import sys
import tempfile
import unittest

import pyhandle

url, prefix, secret_file = sys.argv[1:]
with open(secret_file, encoding="utf-8") as file:
    secret = file.read().strip()

values = {
    "user": "300:%s/ADMIN" % prefix,
    "password": secret,
    "handle_server_url_read": url,
    "handle_server_url_write": url,
    "url_extension_REST_API": "/api/handles/",
    "handle_for_read_tests": prefix + "/live-read",
    "handle_globally_resolvable": prefix + "/live-read",
    "handle_to_be_created": prefix + "/live-created",
    "handle_to_be_modified": prefix + "/live-modified",
    "HTTPS_verify": False,
}


class Outcomes(unittest.TextTestResult):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.outcomes = {}

    def note(self, test, outcome):
        self.outcomes[test.id().split(".")[-1]] = outcome

    def addSuccess(self, test):
        self.note(test, "passed")

    def addFailure(self, test, error):
        self.note(test, "failed: %s" % error[1])

    def addError(self, test, error):
        self.note(test, "error: %s: %s" % (error[0].__name__, error[1]))


with tempfile.TemporaryDirectory() as place:
    package = os.path.join(place, "pyhandle")
    shutil.copytree(os.path.dirname(pyhandle.__file__), package)
    resources = os.path.join(package, "tests", "resources", "testvalues_for_integration_tests_IGNORE.json")
    with open(resources, "w", encoding="utf-8") as file:
        json.dump(values, file)
    for name in [name for name in sys.modules if name.split(".")[0] == "pyhandle"]:
        del sys.modules[name]
    sys.path.insert(0, place)

    from pyhandle.tests.testcases import handleclient_read_integration_test as read
    from pyhandle.tests.testcases import handleclient_write_integration_test as write

    # The package's own way of making the record that its reading tests expect.
    maker = read.RESTHandleClientReadaccessTestCase("setUp")
    maker.setUp()
    maker.create_required_test_handles()

    load = unittest.defaultTestLoader.loadTestsFromTestCase
    suite = unittest.TestSuite(
        [load(read.RESTHandleClientReadaccessTestCase), load(write.RESTHandleClientWriteaccessTestCase)]
    )
    result = unittest.TextTestRunner(stream=io.StringIO(), resultclass=Outcomes).run(suite)
    print(json.dumps(result.outcomes))
