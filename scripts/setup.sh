#!/usr/bin/env bash
# Installs what a bare Debian 12 machine lacks. Safe to repeat; quick when nothing is missing.
#   scripts/setup.sh run    what building and running need: C tool chain, Rust, Node, npm packages of web/
#   scripts/setup.sh test   everything: also PostgreSQL, Chromium with CJK fonts, Python packages, npm packages of e2e/ and payment SDKs
set -euo pipefail

readonly RUST_WANTED=1.95.0
readonly NODE_WANTED=20.19.0

cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PATH="$HOME/.cargo/bin:/usr/local/bin:$PATH"
export DEBIAN_FRONTEND=noninteractive PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1

say() { printf 'setup: %s\n' "$*"; }

fail() {
    printf 'setup: %s\n' "$*" >&2
    exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif has sudo; then
        sudo --preserve-env=DEBIAN_FRONTEND "$@"
    else
        fail "needs root or sudo for: $*"
    fi
}

# at_least WANTED FOUND: is version FOUND the same as WANTED or newer?
at_least() {
    [ -n "$2" ] && printf '%s\n%s\n' "$1" "$2" | sort --check=quiet --version-sort
}

# --- Debian packages ---------------------------------------------------------------------------

lists_are_fresh=false
refresh_lists() {
    "$lists_are_fresh" && return
    say "refreshing the Debian package lists"
    as_root apt-get update --quiet --quiet
    lists_are_fresh=true
}

install_packages() {
    refresh_lists
    say "installing $*"
    as_root apt-get install --yes --quiet --quiet --no-install-recommends "$@" >/dev/null
}

candidate() { apt-cache policy "$1" 2>/dev/null | sed -n 's/^  Candidate: //p' | grep -v '(none)' || true; }

base_packages() {
    local wanted=()
    has cc && has c++ && has make && [ -e /usr/include/stdlib.h ] || wanted+=(build-essential)
    has pkg-config || wanted+=(pkg-config)
    has curl || wanted+=(curl)
    [ -s /etc/ssl/certs/ca-certificates.crt ] || wanted+=(ca-certificates)
    has git || wanted+=(git)
    [ ${#wanted[@]} -eq 0 ] || install_packages "${wanted[@]}"
}

test_packages() {
    local wanted=()
    has python3 || wanted+=(python3)
    python3 -c 'import ensurepip, venv' 2>/dev/null || wanted+=(python3-venv)
    has chromium || wanted+=(chromium)
    compgen -G '/usr/share/fonts/opentype/noto/NotoSansCJK*' >/dev/null || wanted+=(fonts-noto-cjk)
    if ! has initdb && ! compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; then
        without_main_cluster
        wanted+=(postgresql)
    fi
    [ ${#wanted[@]} -eq 0 ] || install_packages "${wanted[@]}"
}

# Tests start private clusters of their own; the one that Debian would create and start is not wanted.
without_main_cluster() {
    local file=/etc/postgresql-common/createcluster.conf
    [ -e "$file" ] && return
    say "telling PostgreSQL not to create a cluster"
    as_root mkdir -p "${file%/*}"
    echo 'create_main_cluster = false' | as_root tee "$file" >/dev/null
}

# --- Python ------------------------------------------------------------------------------------

# python_packages FOLDER: what scripts/FOLDER needs, in target/FOLDER: Debian's Python takes no packages but Debian's.
python_packages() {
    local wanted=scripts/$1/requirements.txt folder=target/$1
    cmp --silent "$wanted" "$folder/requirements.txt" && return
    say "installing the Python packages of scripts/$1/"
    rm -rf "$folder"
    mkdir -p "${folder%/*}"
    python3 -m venv "$folder"
    # As for Node: a company's proxy is in the system's list of authorities.
    PIP_CERT=${PIP_CERT:-/etc/ssl/certs/ca-certificates.crt} "$folder/bin/pip" install --quiet \
        --disable-pip-version-check --only-binary :all: --requirement "$wanted"
    cp "$wanted" "$folder/requirements.txt"
}

# --- Rust --------------------------------------------------------------------------------------

rust_is_good() {
    has cargo && at_least "$RUST_WANTED" "$(rustc --version 2>/dev/null | cut -d' ' -f2 || true)"
}

# Tests also format and lint.
rust_is_complete() {
    rust_is_good && { [ "$mode" = run ] || { has cargo-fmt && has cargo-clippy; }; }
}

ensure_rust() {
    rust_is_complete && return
    rust_by_rustup || rust_from_debian || fail "found no way to install Rust $RUST_WANTED"
    hash -r
    rust_is_complete || fail "Rust $RUST_WANTED is still missing; found: $(rustc --version 2>&1 || true)"
}

rust_by_rustup() {
    if ! has rustup && [ -z "$(candidate rustup)" ]; then
        say "fetching the Rust installer"
        curl --proto '=https' --tlsv1.2 --silent --show-error --fail --location --connect-timeout 10 \
            https://static.rust-lang.org/rustup/rustup-init.sh |
            RUSTUP_INIT_SKIP_PATH_CHECK=yes sh -s -- -y --quiet --no-modify-path --profile minimal \
                --default-toolchain none >/dev/null || return 1
    elif ! has rustup; then
        install_packages rustup
    fi
    say "installing Rust $RUST_WANTED"
    rustup --quiet toolchain install "$RUST_WANTED" --profile minimal --component clippy,rustfmt \
        >/dev/null || return 1
    # Somebody's chosen toolchain stays theirs; only this folder gets another.
    if rustup default >/dev/null 2>&1; then
        rustup --quiet override set "$RUST_WANTED"
    else
        rustup --quiet default "$RUST_WANTED"
    fi
}

# Debian keeps a recent Rust beside its own for the browsers it ships.
rust_from_debian() {
    refresh_lists
    at_least "$RUST_WANTED" "$(candidate rustc-web)" || return 1
    install_packages rustc-web cargo-web rustfmt-web rust-web-clippy
}

# --- Node --------------------------------------------------------------------------------------

node_is_good() {
    has npm && has node && at_least "$NODE_WANTED" "$(node --version 2>/dev/null | tr -d v || true)"
}

ensure_node() {
    node_is_good && return
    refresh_lists
    local from_debian
    from_debian="$(candidate nodejs)"
    if at_least "$NODE_WANTED" "${from_debian%%[~+-]*}"; then
        install_packages nodejs
        has npm || install_packages npm
    else
        # Debian's Node is too old for the build but starts npm, and npm has a current one.
        has npm || install_packages nodejs npm
        say "installing Node 22"
        as_root npm install --global --prefix /usr/local --no-audit --no-fund --loglevel=error node@22 npm@10 >/dev/null
    fi
    hash -r
    node_is_good || fail "Node $NODE_WANTED is still missing; found: $(node --version 2>&1 || true)"
}

packages_of() {
    local folder=$1
    [ -e "$folder/package-lock.json" ] || return 0
    [ "$folder/node_modules/.package-lock.json" -nt "$folder/package-lock.json" ] && return
    say "installing the npm packages of $folder/"
    npm --prefix "$folder" ci --no-audit --no-fund --loglevel=error >/dev/null
    touch "$folder/node_modules/.package-lock.json"
}

# --- main --------------------------------------------------------------------------------------

mode=${1:-run}
case $mode in
    run | test) ;;
    *) fail "usage: scripts/setup.sh [run|test]" ;;
esac

base_packages
# The Node that npm brings trusts its own list of authorities; a company's proxy is in the system's.
export NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}
ensure_rust
ensure_node
packages_of web
if [ "$mode" = test ]; then
    test_packages
    python_packages schema_fuzz
    python_packages pay_gateway
    python_packages pay_sdks
    packages_of e2e
    packages_of scripts/pay_sdks
fi
