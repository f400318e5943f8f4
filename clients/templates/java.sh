#!/usr/bin/env bash
# Writes target/clients/templates/java/api.mustache: the generator's own template, but an answer that is no JSON is returned
# as the text that it is. The generator's reads every answer as JSON, unless text/plain is all that an operation answers.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
folder=target/clients/templates/java
mkdir -p "$folder"
scripts/mvn --batch-mode --no-transfer-progress --quiet -Pclients dependency:unpack@java-templates
json='memberVarObjectMapper.readValue(responseBody, new TypeReference<{{{returnType}}}>() {})'
text='!localVarResponse.headers().firstValue("Content-Type").orElse("json").contains("json")? ({{{returnType}}}) (Object) responseBody'
awk -v json="$json" -v text="$text" '
  (at = index($0, json)) { print substr($0, 1, at - 1) text ": " substr($0, at); changed++; next }
  { print }
  END { if (changed != 2) { print "the template of the generator has changed: look at clients/templates/java.sh" > "/dev/stderr"; exit 1 } }
' target/clients/generator/Java/libraries/native/api.mustache >"$folder/api.mustache"
