#!/usr/bin/env bash
# Runs third-party clients against a server: run.sh URL HOTWASH SCHEMA, in the folder where the clients are installed.
set -euo pipefail
cd "$(dirname "$0")"
url=$1 hotwash=$2 schema=$3
cp "$schema" schema.graphql

npx graphql-codegen --config codegen.json >codegen.log 2>&1 || { cat codegen.log; exit 1; }
# Comments, and a type of codegen's own that holds no data, are left out.
if grep -vE '^ *(/\*\*|\*)|^type Exact<' generated.ts | grep -wE 'any|unknown'; then
  echo "graphql-codegen: these types are any or unknown" >&2
  exit 1
fi
npx tsc --noEmit --strict --skipLibCheck --module nodenext --target es2022 use.ts
echo "graphql-codegen: types made and compiled"
venv/bin/ariadne-codegen --config ariadne.toml >ariadne.log 2>&1 || { cat ariadne.log; exit 1; }
# The arguments of the HTTP client are left out.
if grep -wn Any hotwash_python/*.py | grep -vE '\*\*kwargs: Any|^[^:]*:[0-9]+:from typing|/(async_base_client|exceptions|base_model)\.py'; then
  echo "ariadne-codegen: these types are Any" >&2
  exit 1
fi
venv/bin/python -c "import hotwash_python"
echo "ariadne-codegen: a Python client made, without Any"
npx relay-compiler relay.config.json >relay.log 2>&1 || { cat relay.log; exit 1; }
test -s relay/__generated__/OpenActionsNextPage.graphql.js
echo "Relay compiler: queries, fragments and paging compiled"
node apollo.mjs "$url"
node persisted.mjs "$url"
node subscription.mjs "$url" "$hotwash"
node sse.mjs "$url" "$hotwash"
venv/bin/python clients.py "$url"
