#!/bin/bash
# Installs what building, testing and the demonstration need on Debian 12, and makes .venv with the Python packages.
# Says in words what it cannot do. Does next to nothing when all is there.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }

# One line each: the Debian package, and what it is for.
packages=(
    binutils libc6-dev libstdc++-12-dev   # the toolchain compiles and links with them
    tzdata            # rules speak of a clock in a place
    libdcmtk-dev      # the DICOM library
    libopenjph-dev    # HTJ2K, to send compressed
    libopenjp2-7-dev  # JPEG 2000 and HTJ2K, to look at pixels and to blank them
    libcharls-dev     # JPEG-LS, the same and to send compressed
    libssl-dev        # TLS
    libxxhash-dev     # digests of what is stored
    libsqlite3-dev    # journal and vault
    zlib1g-dev        # linked by DCMTK
    dcmtk             # storescu, dcmdump and the data dictionary
    orthanc           # a reader and a PACS, in tests
    xxhash            # the same digest by somebody else, in tests
    strace            # makes calls fail, in tests
    dicom3tools       # dciodvfy and dcentvfy, in tests
    tesseract-ocr     # recognition of text in pixels, where a profile asks for it
    xfsprogs          # an XFS image whose power is cut, in tests
    openssl           # certificates for trying things out
    python3-venv      # the demonstration and the path tests
    systemd           # systemd-analyze looks at the unit, in tests; its init is not started
    ghostscript       # makes PDFs, in tests
    curl              # looks at the console in the demonstration
    chromium          # looks at the pages in tests
    ca-certificates git pkg-config
)

if ! command -v swift >/dev/null; then
    say "Antipode needs a Swift 6.2 toolchain or newer, and there is no 'swift' in PATH."
    say "Get one for Debian 12 from https://www.swift.org/install/linux/ and run this again."
    exit 69
fi
version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p' | head -n 1)
read -r major minor <<<"${version:-0 0}"
if ((major < 6 || (major == 6 && minor < 2))); then
    say "Antipode needs Swift 6.2 or newer; 'swift --version' says: $(swift --version 2>/dev/null | head -n 1)"
    exit 69
fi

missing=()
if command -v dpkg-query >/dev/null; then
    installed=$(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' 2>/dev/null | sed -n 's/^ii //p')
    for package in "${packages[@]}"; do
        grep -qx "$package" <<<"$installed" || missing+=("$package")
    done
else
    # Not Debian: nothing can be installed, but perhaps all is there.
    for tool in storescu dcmdump Orthanc dciodvfy openssl python3 curl; do
        command -v "$tool" >/dev/null || missing+=("$tool")
    done
    if ((${#missing[@]} > 0)); then
        say "This is not Debian, so nothing was installed. Missing: ${missing[*]}"
        say "Install these, and the development files of DCMTK 3.6.7, OpenSSL, SQLite and zlib, by your own means."
        exit 69
    fi
fi

if ((${#missing[@]} > 0)); then
    . /etc/os-release
    if [[ "${ID:-}" != debian || "${VERSION_ID:-}" != 12 ]]; then
        say "This is ${PRETTY_NAME:-another system}; Antipode is built for Debian 12. Trying its apt all the same."
    fi
    as_root=()
    if ((EUID != 0)); then
        if ! command -v sudo >/dev/null; then
            say "Missing Debian packages: ${missing[*]}"
            say "Not root, and no sudo. Run as root:  apt-get install ${missing[*]}"
            exit 69
        fi
        as_root=(sudo)
    fi
    say "Installing with apt: ${missing[*]}"
    "${as_root[@]}" apt-get update -qq
    # Debian starts an Orthanc for everybody; the tests run their own.
    already=$(command -v Orthanc || true)
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
    if [[ -z "$already" ]]; then
        if command -v systemctl >/dev/null && [[ -d /run/systemd/system ]]; then
            "${as_root[@]}" systemctl disable --now orthanc >/dev/null 2>&1 || true
        elif [[ -x /etc/init.d/orthanc ]]; then
            "${as_root[@]}" /etc/init.d/orthanc stop >/dev/null 2>&1 || true
        fi
    fi
fi

requirements=Tests/Path/requirements.txt
stamp=.venv/.installed
if [[ ! -x .venv/bin/python ]] || ! cmp -s "$requirements" "$stamp"; then
    say "Making .venv with the Python packages of $requirements"
    python=/usr/bin/python3
    [[ -x "$python" ]] || python=python3
    "$python" -m venv .venv
    .venv/bin/pip install --quiet --disable-pip-version-check -r "$requirements" >&2
    cp "$requirements" "$stamp"
fi
