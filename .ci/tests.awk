# Reads the reports of Surefire. Prints one line per test that failed or was skipped, "failed<TAB>test: why", and last
# "counts<TAB>run failed skipped". Any awk will do.

BEGIN { RS = "<" }

/^testsuite / {
  run += attribute("tests")
  failed += attribute("failures") + attribute("errors")
  skipped += attribute("skipped")
}

/^testcase / {
  test = attribute("classname") "." attribute("name")
  sub(/^dev\.holdfast\.lock\./, "", test)
}

/^(failure|error|skipped)[ >\/]/ {
  kind = /^skipped/ ? "skipped" : "failed"
  why = attribute("message")
  if (why != "" || /\/>/) tell()
  next
}

# no message of its own: the first line of the stack trace, without the class of the exception
/^!\[CDATA\[/ && kind != "" {
  why = substr($0, 10)
  sub(/\n.*/, "", why)
  sub(/^[a-zA-Z0-9_.$]+: /, "", why)
  tell()
}

END { printf "counts\t%d %d %d\n", run, failed, skipped }

function attribute(name) {
  return match($0, "[ \n]" name "=\"[^\"]*") ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 3) : ""
}

function tell() {
  gsub(/&#10;|\n/, " ", why); gsub(/  +/, " ", why)
  gsub(/&quot;/, "\"", why); gsub(/&apos;/, "'", why); gsub(/&lt;/, "<", why); gsub(/&gt;/, ">", why); gsub(/&amp;/, "\\&", why)
  sub(/^skipped: /, "", why); sub(/^ /, "", why)
  print kind "\t" test ": " substr(why, 1, 200)
  kind = ""
}
