"""Debian's python3-kubernetes, unmodified, against the server of $KUBECONFIG. Run by ../python.test.ts."""

import base64
import json
import os
import tempfile
import time
import unittest

import kubernetes
from kubernetes import client, config, dynamic, utils, watch
from kubernetes.client.rest import ApiException

PLACE = "default"


def setUpModule():
    config.load_kube_config(os.environ["KUBECONFIG"])


def metadata(name, **rest):
    return client.V1ObjectMeta(name=name, **rest)


def typed_kinds():
    """Rows of (API, name in its methods, namespaced, object without name)."""
    core = client.CoreV1Api()
    rbac = client.RbacAuthorizationV1Api()
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"}
    subjects = [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "jane"}]
    rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]
    address = [{"ip": "192.0.2.1"}]
    this = {"kind": "ConfigMap", "namespace": PLACE, "name": "life"}
    return [
        (core, "config_map", True, {"data": {"a": "1"}}),
        (core, "secret", True, {"stringData": {"a": "1"}}),
        (core, "service_account", True, {}),
        (core, "service", True, {"spec": {"ports": [{"port": 80}]}}),
        (core, "endpoints", True, {"subsets": [{"addresses": address, "ports": [{"port": 80}]}]}),
        (core, "pod", True, {"spec": {"containers": [{"name": "a", "image": "nginx"}]}}),
        (core, "event", True, {"involvedObject": this, "reason": "Seen", "type": "Normal"}),
        (core, "namespace", False, {}),
        (core, "node", False, {}),
        (client.CoordinationV1Api(), "lease", True, {"spec": {"holderIdentity": "me"}}),
        (
            client.DiscoveryV1Api(),
            "endpoint_slice",
            True,
            {"addressType": "IPv4", "endpoints": [{"addresses": ["192.0.2.1"]}], "ports": [{"port": 80}]},
        ),
        (
            client.EventsV1Api(),
            "event",
            True,
            {
                "regarding": this,
                "reason": "Seen",
                "action": "Look",
                "type": "Normal",
                # the client leaves out microseconds that are zero, which no server reads
                "eventTime": "2026-01-01T00:00:00.000001Z",
                "reportingController": "example.com/eye",
                "reportingInstance": "eye-1",
            },
        ),
        (rbac, "role", True, {"rules": rules}),
        (rbac, "cluster_role", False, {"rules": rules}),
        (rbac, "role_binding", True, {"roleRef": role, "subjects": subjects}),
        (rbac, "cluster_role_binding", False, {"roleRef": role, "subjects": subjects}),
        (client.CertificatesV1Api(), "certificate_signing_request", False, {"spec": csr_spec()}),
    ]


def csr_spec():
    with open(os.environ["REQUEST_FILE"]) as file:
        return json.load(file)["spec"]


def kind_of(name):
    return "".join(part.capitalize() for part in name.split("_"))


class Typed(unittest.TestCase):
    def refused(self, call, *args, **options):
        with self.assertRaises(ApiException) as caught:
            call(*args, **options)
        body = json.loads(caught.exception.body)
        self.assertEqual((body["kind"], body["status"]), ("Status", "Failure"))
        self.assertEqual(body["code"], caught.exception.status)
        return body

    def live_through(self, api, name, namespaced, body):
        place = [PLACE] if namespaced else []
        call = lambda verb: getattr(api, f"{verb}_{'namespaced_' if namespaced else ''}{name}")
        group = {"CoreV1Api": "", "RbacAuthorizationV1Api": "rbac.authorization.k8s.io/"}.get(type(api).__name__)
        if group is None:
            group = {"EventsV1Api": "events", "DiscoveryV1Api": "discovery", "CoordinationV1Api": "coordination"}.get(
                type(api).__name__, "certificates"
            ) + ".k8s.io/"
        of_name = "life" if not (name == "event" and group) else "life-of-events"
        whole = {"apiVersion": group + "v1", "kind": kind_of(name), "metadata": {"name": of_name}, **body}

        dry = call("create")(*place, whole, dry_run="All")
        self.assertIsNone(dry.metadata.resource_version)
        self.assertEqual(self.refused(call("read"), of_name, *place)["reason"], "NotFound")
        created = call("create")(*place, whole)
        self.assertEqual(created.kind, kind_of(name))
        self.assertEqual(self.refused(call("create"), *place, whole)["reason"], "AlreadyExists")
        listed = call("list")(*place, field_selector=f"metadata.name={of_name}")
        self.assertEqual([item.metadata.uid for item in listed.items], [created.metadata.uid])
        patched = call("patch")(of_name, *place, {"metadata": {"labels": {"step": "strategic"}}})
        self.assertEqual(patched.metadata.labels["step"], "strategic")
        change = [{"op": "replace", "path": "/metadata/labels/step", "value": "json"}]
        self.assertEqual(call("patch")(of_name, *place, change).metadata.labels["step"], "json")
        read = call("read")(of_name, *place)
        read.metadata.labels["step"] = "replaced"
        replaced = call("replace")(of_name, *place, read)
        self.assertEqual(replaced.metadata.labels["step"], "replaced")
        self.assertEqual(self.refused(call("replace"), of_name, *place, read)["reason"], "Conflict")
        call("delete")(of_name, *place, grace_period_seconds=0)
        if name != "namespace":
            self.assertEqual(self.refused(call("read"), of_name, *place)["code"], 404)

    def test_typed_kinds(self):
        for api, name, namespaced, body in typed_kinds():
            with self.subTest(api=type(api).__name__, kind=name):
                self.live_through(api, name, namespaced, body)

    def test_errors(self):
        core = client.CoreV1Api()
        bad = self.refused(core.create_namespaced_config_map, PLACE, {"metadata": {"name": "Bad_Name"}})
        self.assertEqual((bad["reason"], bad["code"]), ("Invalid", 422))
        self.assertEqual(bad["details"]["causes"][0]["field"], "metadata.name")
        absent = self.refused(core.read_namespaced_secret, "absent", PLACE)
        self.assertEqual(absent["message"], 'secrets "absent" not found')
        nowhere = self.refused(core.create_namespaced_config_map, "nowhere", {"metadata": {"name": "a"}})
        self.assertEqual(nowhere["message"], 'namespaces "nowhere" not found')
        self.assertEqual(self.refused(core.list_namespaced_pod, PLACE, label_selector="a in")["code"], 400)
        as_jane = client.ApiClient(header_name="Impersonate-User", header_value="jane")
        forbidden = self.refused(client.CoreV1Api(as_jane).list_node)
        self.assertEqual(forbidden["reason"], "Forbidden")
        self.assertIn('User "jane" cannot list resource "nodes"', forbidden["message"])

    def test_pages(self):
        core = client.CoreV1Api()
        core.create_namespace({"metadata": {"name": "paged"}})
        for name in "abcde":
            core.create_namespaced_secret("paged", {"metadata": {"name": name}})
        names, versions, token = [], set(), None
        while True:
            page = core.list_namespaced_secret("paged", limit=2, _continue=token)
            names += [item.metadata.name for item in page.items]
            versions.add(page.metadata.resource_version)
            token = page.metadata._continue
            if not token:
                break
        self.assertEqual((names, len(versions)), (list("abcde"), 1))
        self.assertEqual(self.refused(core.list_namespaced_secret, "paged", limit=2, _continue="no")["code"], 400)
        core.delete_collection_namespaced_secret("paged")
        self.assertEqual(core.list_namespaced_secret("paged").items, [])

    def test_watch(self):
        core = client.CoreV1Api()
        core.create_namespace({"metadata": {"name": "watched"}})
        core.create_namespaced_config_map("watched", {"metadata": {"name": "a"}})
        seen, stream = [], watch.Watch()
        for event in stream.stream(core.list_namespaced_config_map, "watched", timeout_seconds=60):
            name = event["object"].metadata.name
            if name == "kube-root-ca.crt":
                continue
            seen.append((event["type"], name))
            if len(seen) == 1:
                core.patch_namespaced_config_map("a", "watched", {"data": {"b": "c"}})
            elif len(seen) == 2:
                version = event["object"].metadata.resource_version
                core.delete_namespaced_config_map("a", "watched")
            elif len(seen) == 3:
                stream.stop()
        self.assertEqual(seen, [("ADDED", "a"), ("MODIFIED", "a"), ("DELETED", "a")])
        resumed = watch.Watch().stream(
            core.list_namespaced_config_map,
            "watched",
            resource_version=version,
            field_selector="metadata.name=a",
            timeout_seconds=1,
        )
        self.assertEqual([(event["type"], event["object"].metadata.name) for event in resumed], [("DELETED", "a")])

    def test_subresources(self):
        core = client.CoreV1Api()
        core.create_node({"metadata": {"name": "measured"}})
        status = {"status": {"addresses": [{"type": "InternalIP", "address": "192.0.2.9"}]}}
        core.patch_node_status("measured", status)
        self.assertEqual(core.read_node_status("measured").status.addresses[0].address, "192.0.2.9")
        ignored = core.patch_node("measured", {"status": {"addresses": []}})
        self.assertEqual(len(ignored.status.addresses), 1)

    def test_certificate(self):
        api = client.CertificatesV1Api()
        body = {"metadata": {"name": "by-python"}, "spec": csr_spec()}
        csr = api.create_certificate_signing_request(body)
        self.assertEqual((csr.spec.username, csr.status.conditions), ("kubernetes-admin", None))
        csr.status.conditions = [
            client.V1CertificateSigningRequestCondition(type="Approved", status="False", reason="R", message="m")
        ]
        self.assertEqual(self.refused(api.replace_certificate_signing_request_approval, "by-python", csr)["code"], 422)
        csr.status.conditions[0].status = "True"
        approved = api.replace_certificate_signing_request_approval("by-python", csr)
        self.assertIsNotNone(approved.status.conditions[0].last_update_time)
        stream = watch.Watch()
        certificate = None
        for event in stream.stream(
            api.list_certificate_signing_request, field_selector="metadata.name=by-python", timeout_seconds=60
        ):
            certificate = event["object"].status.certificate
            if certificate:
                stream.stop()
        self.assertIn(b"-----BEGIN CERTIFICATE-----", base64.b64decode(certificate))

    def test_reviews(self):
        core = client.CoreV1Api()
        core.create_namespaced_service_account(PLACE, {"metadata": {"name": "reviewed"}})
        request = client.AuthenticationV1TokenRequest(
            spec=client.V1TokenRequestSpec(audiences=[], expiration_seconds=600)
        )
        token = core.create_namespaced_service_account_token("reviewed", PLACE, request).status.token
        user = f"system:serviceaccount:{PLACE}:reviewed"
        review = lambda text: client.AuthenticationV1Api().create_token_review({"spec": {"token": text}}).status
        self.assertEqual((review(token).authenticated, review(token).user.username), (True, user))
        self.assertFalse(review("nonsense").authenticated)
        api = client.AuthorizationV1Api()
        ask = {"resourceAttributes": {"verb": "list", "resource": "pods", "namespace": PLACE}}
        allowed = lambda answer: answer.status.allowed
        self.assertFalse(allowed(api.create_subject_access_review({"spec": {"user": user, **ask}})))
        self.assertTrue(allowed(api.create_self_subject_access_review({"spec": ask})))
        local = api.create_namespaced_local_subject_access_review(PLACE, {"spec": {"user": user, **ask}})
        self.assertFalse(allowed(local))
        rules = api.create_self_subject_rules_review({"spec": {"namespace": PLACE}}).status.resource_rules
        self.assertTrue(any("*" in rule.verbs for rule in rules))

        bearer = client.Configuration.get_default_copy()
        bearer.cert_file = bearer.key_file = None
        bearer.api_key = {"authorization": f"Bearer {token}"}
        refused = self.refused(client.CoreV1Api(client.ApiClient(bearer)).list_namespaced_pod, PLACE)
        self.assertIn(f'User "{user}" cannot list resource "pods"', refused["message"])

    def test_custom_objects(self):
        api = client.CustomObjectsApi()
        kind = ("countersign.dev", "v1alpha1", "approvalpolicies")
        self.assertEqual(self.refused(api.create_cluster_custom_object, *kind, policy("bad", ["*"]))["code"], 422)
        self.assertEqual(api.create_cluster_custom_object(*kind, policy("custom"))["metadata"]["generation"], 1)
        change = {"spec": {"names": {"dns": ["b.example.com"]}}}
        self.assertEqual(api.patch_cluster_custom_object(*kind, "custom", change)["metadata"]["generation"], 2)
        names = [item["metadata"]["name"] for item in api.list_cluster_custom_object(*kind)["items"]]
        self.assertIn("custom", names)
        api.delete_cluster_custom_object(*kind, "custom")
        self.assertEqual(self.refused(api.get_cluster_custom_object, *kind, "custom")["reason"], "NotFound")

    def test_version(self):
        version = client.VersionApi().get_code()
        self.assertEqual((version.major, version.minor), ("1", "36"))
        groups = [group.name for group in client.ApisApi().get_api_versions().groups]
        self.assertIn("certificates.k8s.io", groups)


def policy(name, signers=("example.com/serving",)):
    return {
        "apiVersion": "countersign.dev/v1alpha1",
        "kind": "ApprovalPolicy",
        "metadata": {"name": name},
        "spec": {
            "signerNames": list(signers),
            "requesters": {"users": ["jane"]},
            "names": {"dns": ["a.example.com"]},
            "usages": {"allowed": ["server auth"]},
        },
    }


class Dynamic(unittest.TestCase):
    def setUp(self):
        handle, self.cache = tempfile.mkstemp()
        os.close(handle)
        os.unlink(self.cache)
        self.client = dynamic.DynamicClient(client.ApiClient(), cache_file=self.cache)

    def tearDown(self):
        if os.path.exists(self.cache):
            os.unlink(self.cache)

    def test_discovery(self):
        for version, kind in [
            ("v1", "ConfigMap"),
            ("certificates.k8s.io/v1", "CertificateSigningRequest"),
            ("rbac.authorization.k8s.io/v1", "ClusterRole"),
            ("countersign.dev/v1alpha1", "ApprovalPolicy"),
        ]:
            self.assertEqual(self.client.resources.get(api_version=version, kind=kind).kind, kind)
        with self.assertRaises(dynamic.exceptions.ResourceNotFoundError):
            self.client.resources.get(api_version="apps/v1", kind="Deployment")

    def test_dynamic_objects(self):
        maps = self.client.resources.get(api_version="v1", kind="ConfigMap")
        body = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "dynamic"}, "data": {"a": "1"}}
        made = maps.create(body=body, namespace=PLACE)
        with self.assertRaises(dynamic.exceptions.ConflictError):
            maps.create(body=body, namespace=PLACE)
        for content_type in ("application/merge-patch+json", "application/strategic-merge-patch+json"):
            change = {"data": {"a": content_type}}
            patched = maps.patch(name="dynamic", namespace=PLACE, body=change, content_type=content_type)
            self.assertEqual(patched.data.a, content_type)
        stale = {**made.to_dict(), "data": {"a": "stale"}}
        with self.assertRaises(dynamic.exceptions.ConflictError):
            maps.replace(body=stale, namespace=PLACE)
        self.assertIn("dynamic", [item.metadata.name for item in maps.get(namespace=PLACE).items])
        for event in maps.watch(namespace=PLACE, field_selector="metadata.name=dynamic", timeout=60):
            self.assertEqual((event["type"], event["object"].metadata.name), ("ADDED", "dynamic"))
            break
        maps.delete(name="dynamic", namespace=PLACE)
        with self.assertRaises(dynamic.exceptions.NotFoundError):
            maps.get(name="dynamic", namespace=PLACE)
        policies = self.client.resources.get(api_version="countersign.dev/v1alpha1", kind="ApprovalPolicy")
        with self.assertRaises(dynamic.exceptions.UnprocessibleEntityError):
            policies.create(body=policy("bad", ["*"]))
        policies.create(body=policy("dynamic"))
        policies.delete(name="dynamic")

    def test_apply(self):
        maps = self.client.resources.get(api_version="v1", kind="ConfigMap")
        # this version of the client sends what is applied only as text
        body = lambda **data: json.dumps(
            {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "applied"}, "data": data}
        )
        apply = lambda **options: maps.server_side_apply(name="applied", namespace=PLACE, **options)
        made = apply(body=body(a="1", b="1"), field_manager="one")
        again = apply(body=body(a="1", b="1"), field_manager="one")
        self.assertEqual(again.metadata.resourceVersion, made.metadata.resourceVersion)
        with self.assertRaises(dynamic.exceptions.ConflictError) as caught:
            apply(body=body(a="2"), field_manager="two")
        self.assertIn('conflict with "one": .data.a', json.loads(caught.exception.body)["message"])
        forced = apply(body=body(a="2"), field_manager="two", force_conflicts=True)
        self.assertEqual(forced.to_dict()["data"], {"a": "2", "b": "1"})
        pruned = apply(body=body(), field_manager="one")
        self.assertEqual(pruned.to_dict()["data"], {"a": "2"})
        maps.delete(name="applied", namespace=PLACE)


class FromYaml(unittest.TestCase):
    MANIFEST = """
apiVersion: v1
kind: Namespace
metadata:
  name: from-yaml
---
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: ConfigMap
    metadata: {name: one, namespace: from-yaml}
    data: {a: "yes"}
  - apiVersion: v1
    kind: ServiceAccount
    metadata: {name: two, namespace: from-yaml}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: three, namespace: from-yaml}
rules:
  - {apiGroups: [""], resources: [pods], verbs: [get]}
"""

    def test_create_from_yaml(self):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(self.MANIFEST)
            file.flush()
            utils.create_from_yaml(client.ApiClient(), file.name)
            with self.assertRaises(utils.FailToCreateError) as caught:
                utils.create_from_yaml(client.ApiClient(), file.name)
        self.assertEqual([error.status for error in caught.exception.api_exceptions], [409, 409, 409, 409])
        core = client.CoreV1Api()
        self.assertEqual(core.read_namespaced_config_map("one", "from-yaml").data, {"a": "yes"})
        core.delete_namespace("from-yaml")
        deadline = time.monotonic() + 60
        while any(item.metadata.name == "from-yaml" for item in core.list_namespace().items):
            self.assertLess(time.monotonic(), deadline, "the namespace never went")
            time.sleep(0.05)


if __name__ == "__main__":
    print(f"kubernetes {kubernetes.__version__}", flush=True)
    unittest.main(verbosity=2)
