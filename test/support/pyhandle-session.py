"""Does with pyhandle what its users do with a Handle server, and prints what came back as one JSON object.

Usage: pyhandle-session.py URL PREFIX SECRET_FILE
"""

import json
import sys

from pyhandle.clientcredentials import PIDClientCredentials
from pyhandle.handleclient import PyHandleClient
from pyhandle.handleexceptions import (
    HandleAlreadyExistsException,
    HandleAuthenticationError,
    HandleNotFoundException,
)

url, prefix, secret_file = sys.argv[1:]
with open(secret_file, encoding="utf-8") as file:
    secret = file.read().strip()

administrator = "%s/ADMIN" % prefix
username = "300:" + administrator


def client_with(password):
    return PyHandleClient("rest").instantiate_with_username_and_password(url, username, password, HTTPS_verify=False)


def raised(expected, call):
    try:
        call()
    except expected as error:
        return type(error).__name__
    return None


client = client_with(secret)
done = {}

credentials = PIDClientCredentials(
    client="rest", handle_server_url=url, username=username, password=secret, prefix=prefix, handleowner=username
)
done["by_credentials"] = (
    PyHandleClient("rest").instantiate_with_credentials(credentials).retrieve_handle_record(administrator)
    is not None
)

device = prefix + "/py-0001"
done["missing"] = client.retrieve_handle_record_json(device)
done["registered"] = client.register_handle(device, "http://plant.example.com/a", MODEL="M1", CHECKSUM="abc")
done["record"] = client.retrieve_handle_record(device)
done["duplicate"] = raised(
    HandleAlreadyExistsException, lambda: client.register_handle(device, "http://plant.example.com/b")
)
done["after_duplicate"] = client.get_value_from_handle(device, "URL")
done["overwritten"] = client.register_handle(device, "http://plant.example.com/c", overwrite=True, MODEL="M2")
done["after_overwrite"] = client.get_value_from_handle(device, "URL")

client.modify_handle_value(device, MODEL="M3", LOCATION="Hefei")
done["modified"] = client.retrieve_handle_record(device)
client.delete_handle_value(device, "LOCATION")
done["value_deleted"] = client.retrieve_handle_record(device)

done["wrong_secret"] = raised(
    HandleAuthenticationError,
    lambda: client_with("not the secret").register_handle(prefix + "/py-never", "http://plant.example.com/x"),
)

client.delete_handle(device)
done["deleted"] = client.retrieve_handle_record_json(device)
done["delete_again"] = raised(HandleNotFoundException, lambda: client.delete_handle(device))

generated = client.generate_and_register_handle(prefix, "http://plant.example.com/generated")
done["generated"] = generated
done["generated_url"] = client.get_value_from_handle(generated, "URL")

chinese = prefix + "/设备-合肥 第7号/甲"
done["chinese"] = client.register_handle(chinese, "http://plant.example.com/hefei", 名称="数控机床")
done["chinese_record"] = client.retrieve_handle_record(chinese)
client.delete_handle(chinese)
done["chinese_deleted"] = client.retrieve_handle_record_json(chinese)

json.dump(done, sys.stdout)
