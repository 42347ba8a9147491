#!/bin/sh
# Runs a tool with the Node that package.json pins: a distribution's own may be
# older than the tools need. (npm puts node_modules/.bin first, but npm 9 does
# not link a `node` there that two optional packages provide.)
set -eu
case "$(uname -m)" in
  x86_64) arch=x64 ;;
  aarch64) arch=arm64 ;;
  *) arch=other ;;
esac
pinned=$PWD/node_modules/node-linux-$arch/bin
[ -x "$pinned/node" ] && PATH=$pinned:$PATH
exec "$@"
