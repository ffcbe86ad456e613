"""The query string hash by Atlassian's own package: a request {"method", "path", "query"} a line in, a hash a line out."""

import json
import sys

from atlassian_jwt.url_utils import hash_url

for line in sys.stdin:
    request = json.loads(line)
    address = request["path"] + ("?" + request["query"] if request["query"] else "")
    print(hash_url(request["method"], address))
