#!/usr/bin/env bash
# Installs Debian's Chromium for the page's tests where that is possible, and says so where it is not; never fails a build.
set -u
if [ -x "${COBRA_CHROMIUM:-/usr/bin/chromium}" ]; then
    exit 0
fi

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get > /dev/null; then
    echo "No Chromium, and no right or no apt-get to install it: the page's tests will be skipped." >&2
    exit 0
fi

export DEBIAN_FRONTEND=noninteractive
if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core; } > /tmp/install-chromium.log 2>&1; then
    echo "Chromium could not be installed (see /tmp/install-chromium.log): the page's tests will be skipped." >&2
fi
