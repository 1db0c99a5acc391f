import { toBase64 } from '../../base/base64.js';
import { utf8 } from '../../base/bytes.js';

/** A PKCS#10 request of the Kubernetes documentation: P-256, two DNS names, two addresses. Made with cfssl. */
export const REQUEST_PEM: string = `-----BEGIN CERTIFICATE REQUEST-----
MIIBYjCCAQgCAQAwMDEuMCwGA1UEAwwlbXktcG9kLm15LW5hbWVzcGFjZS5wb2Qu
Y2x1c3Rlci5sb2NhbDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABFMpsOaBAsOo
SephB4dYiBtwiZQJxJZ+CV2qm6KGCpgI3tlGeIFgJB9SLCI8sy2Us17zox5ts48+
rIvkIU4xL0qgdjB0BgkqhkiG9w0BCQ4xZzBlMGMGA1UdEQRcMFqCJW15LXN2Yy5t
eS1uYW1lc3BhY2Uuc3ZjLmNsdXN0ZXIubG9jYWyCJW15LXBvZC5teS1uYW1lc3Bh
Y2UucG9kLmNsdXN0ZXIubG9jYWyHBMAAAhiHBAoAIgIwCgYIKoZIzj0EAwIDSAAw
RQIhALr84j3iWRTfJpgcVmw83wYrwZic6DJBFovcNlqQIKaNAiBw1bpqTsaVE3XP
2UMpnf2PRFkogbjbDg7m01Vsto/ndw==
-----END CERTIFICATE REQUEST-----
`;

/** A certificate for the key of that request. Made with openssl. */
export const CERTIFICATE_PEM: string = `-----BEGIN CERTIFICATE-----
MIIB/TCB5gIUXD0pis9+bTuiJ9q0M6bQfos/s2IwDQYJKoZIhvcNAQELBQAwEjEQ
MA4GA1UEAwwHU29tZSBDQTAeFw0yNjExMjMxNzI4MDZaFw0zNjExMjAxNzI4MDZa
MDAxLjAsBgNVBAMMJW15LXBvZC5teS1uYW1lc3BhY2UucG9kLmNsdXN0ZXIubG9j
YWwwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARTKbDmgQLDqEnqYQeHWIgbcImU
CcSWfgldqpuihgqYCN7ZRniBYCQfUiwiPLMtlLNe86MebbOPPqyL5CFOMS9KMA0G
CSqGSIb3DQEBCwUAA4IBAQC/mTVKbAgNLI7Oin2uQpXyWI918SoLXgGTnIZonsfl
If5lTPoPiWKEa+6jFLQ3Zyt/yH8QSNNkAEWmKrmRu7xxjtjzTjnn6y1IIPopkXh/
fpUUau7l4ZMnyTjfKZfMgFD2Qa1Wh2LL+mZoUpEkH1Z9f8BmC7VKMGdaDA/YdXcB
11MRCqX4hfTNyvMz6EaJgI7OvYTEkSa4wHITLHqTN27+hH3AMxL/5B0luxa0QwP3
kYFavkqIlFqjsUsoLc8UJ9lhc6ENSHjW84jmUN0ISXxvmGYEAEMTLZzUK7B9/3kC
/ozxT33/XohZW0G2im8AxnvHRCgFnEjiHoqcJofo9YT1
-----END CERTIFICATE-----
`;

/** Text as a field of type bytes carries it in JSON. */
export function inBase64(text: string): string {
  return toBase64(utf8(text));
}
