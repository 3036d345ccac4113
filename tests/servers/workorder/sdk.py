"""The official Python SDK, pointed at an endpoint on loopback."""
from alibabacloud_tea_openapi import models as open_api
from alibabacloud_workorder20210610 import models
from alibabacloud_workorder20210610.client import Client
from darabonba.runtime import RuntimeOptions


def client(host, key, secret, token=None, retries=False):
    """`retries` lets the SDK repeat by itself what failed."""
    config = open_api.Config(access_key_id=key, access_key_secret=secret, security_token=token, endpoint=host, protocol="http")
    made = Client(config)
    made.runtime = RuntimeOptions(autoretry=retries, read_timeout=20_000, connect_timeout=10_000)
    return made


def call(made, operation, request=None):
    """One operation by its Python name; answers the body as a dictionary."""
    run = getattr(made, operation + "_with_options")
    answer = run(made.runtime) if request is None else run(request, made.runtime)
    assert answer.status_code == 200, answer.status_code
    return answer.body.to_map()
