# Sourced by the other scripts: finds the checkout, installs what is missing, says what can't be.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# What a build needs besides Swift: the headers of libcurl and of OpenSSL.
build_packages=(libcurl4-openssl-dev libssl-dev)

die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

need_swift() {
    command -v swift > /dev/null && return
    die "no swift was found: install Swift 6.3 or later (https://www.swift.org/install/linux) and put it into PATH"
}

# Installs those of the Debian packages that are missing. Without apt nothing is installed: the build says what it lacks.
install_missing() {
    command -v apt-get > /dev/null || return 0
    local package missing=() as_root=(env DEBIAN_FRONTEND=noninteractive)
    for package in "$@"; do
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2> /dev/null) == installed ]] || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    if ((EUID != 0)); then
        command -v sudo > /dev/null || die "install these packages as root, then try again: ${missing[*]}"
        as_root=(sudo "${as_root[@]}")
    fi
    echo "installing ${missing[*]}" >&2
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" apt-get install -qq -y --no-install-recommends "${missing[@]}" > /dev/null
}
