# A Flask application over Authlib: everybody may register (RFC 7591) and manages the client with the token that came with it
# (RFC 7592). What Authlib leaves to the application is as short as it can be.
import json
import secrets
import sys
import threading

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, grants
from authlib.oauth2.rfc7591 import ClientRegistrationEndpoint
from authlib.oauth2.rfc7592 import ClientConfigurationEndpoint
from flask import Flask, jsonify, request
from werkzeug.serving import make_server

app = Flask(__name__)
clients = {}


class Client(ClientMixin):
    def __init__(self, info, metadata):
        self.client_info, self.client_metadata = info, metadata
        self.token = secrets.token_urlsafe(24)

    def get_client_id(self):
        return self.client_info["client_id"]

    def get_default_redirect_uri(self):
        return self.client_metadata.get("redirect_uris", [None])[0]

    def get_allowed_scope(self, scope):
        return scope or ""

    def check_redirect_uri(self, uri):
        return uri in self.client_metadata.get("redirect_uris", [])

    def check_client_secret(self, secret):
        return self.client_info["client_secret"] == secret

    def check_endpoint_auth_method(self, method, endpoint):
        return self.client_metadata.get("token_endpoint_auth_method", "client_secret_basic") == method

    def check_response_type(self, it):
        return it in self.client_metadata.get("response_types", ["code"])

    def check_grant_type(self, it):
        return it in self.client_metadata.get("grant_types", ["authorization_code"])


class Token:
    def __init__(self, text):
        self.text = text

    def check_client(self, client):
        return client.token == self.text


def bearer(request):
    return (request.headers.get("Authorization") or " ").split(" ", 1)[1]


class Registration(ClientRegistrationEndpoint):
    def authenticate_token(self, request):
        return True

    def get_server_metadata(self):
        return {}

    def save_client(self, info, metadata, request):
        client = clients[info["client_id"]] = Client(info, metadata)
        return client

    def generate_client_registration_info(self, client, request):
        return {"registration_client_uri": f"{issuer}/register/{client.get_client_id()}", "registration_access_token": client.token}


class Configuration(ClientConfigurationEndpoint):
    def authenticate_token(self, request):
        text = bearer(request)
        return Token(text) if any(client.token == text for client in clients.values()) else None

    def authenticate_client(self, request):
        return clients.get(request.uri.rsplit("/", 1)[-1])

    def revoke_access_token(self, token, request):
        pass

    def check_permission(self, client, request):
        return True

    def update_client(self, client, metadata, request):
        client.client_metadata = metadata
        return client

    def delete_client(self, client, request):
        clients.pop(client.get_client_id(), None)

    def get_server_metadata(self):
        return {}

    def generate_client_registration_info(self, client, request):
        return {"registration_client_uri": request.uri, "registration_access_token": client.token}


class Codes(grants.AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post", "none"]

    def save_authorization_code(self, code, request):
        pass

    def query_authorization_code(self, code, client):
        return None

    def delete_authorization_code(self, code):
        pass

    def authenticate_user(self, code):
        return None


server = AuthorizationServer(app, query_client=clients.get, save_token=lambda token, request: None)
server.register_grant(grants.ClientCredentialsGrant)
if "codes" in sys.argv:
    server.register_grant(Codes)
server.register_endpoint(Registration)
server.register_endpoint(Configuration)


@app.get("/.well-known/oauth-authorization-server")
def metadata():
    return jsonify(issuer=issuer, token_endpoint=f"{issuer}/token", registration_endpoint=f"{issuer}/register")


@app.post("/register")
def register():
    return server.create_endpoint_response("client_registration")


@app.route("/register/<client_id>", methods=["GET", "PUT", "DELETE"])
def configure(client_id):
    return server.create_endpoint_response("client_configuration")


@app.post("/token")
def token():
    return server.create_token_response()


@app.post("/operator/forget")
def forget():
    clients.pop(request.get_data(as_text=True))
    return ""


@app.post("/operator/newSecret")
def new_secret():
    secret = secrets.token_urlsafe(24)
    clients[request.get_data(as_text=True)].client_info["client_secret"] = secret
    return secret


listener = make_server("127.0.0.1", 0, app, threaded=True)
issuer = f"http://127.0.0.1:{listener.port}"
print(json.dumps({"issuer": issuer}), flush=True)
listener.serve_forever()
