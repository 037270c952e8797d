"""Seeds for the harnesses, from pydicom's files and our own generator: one folder for each harness.

python corpus.py FOLDER
"""

import pathlib
import struct
import sys
import zlib

import pydicom
import pydicom.data
from pydicom.encaps import generate_frames

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "Path"))
import objects  # noqa: E402
import wire  # noqa: E402

#: What libFuzzer is told as -max_len.
LONGEST = 64 * 1024
SYNTAXES = ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.4.50",
            "1.2.840.10008.1.2.5"]
CODECS = ["1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70",
          "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.90"]
PHOTOMETRICS = ["MONOCHROME2", "RGB", "YBR_FULL", "YBR_FULL_422", "PALETTE COLOR", "MONOCHROME1", "YBR_RCT"]


class Corpus:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.count = 0

    def add(self, harness, content):
        if len(content) > LONGEST:
            return
        folder = self.folder / harness
        folder.mkdir(parents=True, exist_ok=True)
        self.count += 1
        (folder / f"seed-{self.count:04}").write_bytes(content)


def files():
    root = pathlib.Path(pydicom.data.__file__).parent
    return sorted(p for p in (root / "test_files").rglob("*.dcm")) + sorted((root / "charset_files").glob("*.dcm"))


def without_large_values(one):
    """The same data set small enough: pixels and other large values give way to their first bytes."""
    for element in one.iterall():
        if element.VR in ("OB", "OW", "OF", "OD", "UN") and isinstance(element.value, bytes) and len(element.value) > 4096:
            if not element.is_undefined_length:
                element.value = element.value[:4096]
    return one


def data_sets(corpus):
    for path in files():
        content = path.read_bytes()
        if content[128:132] != b"DICM":
            continue
        try:
            one = pydicom.dcmread(path)
            syntax = str(one.file_meta.TransferSyntaxUID)
        except (AttributeError, OSError, ValueError, pydicom.errors.InvalidDicomError):
            continue
        number = SYNTAXES.index(syntax) if syntax in SYNTAXES else 3
        prefix = bytes([number, number if number < 3 else 3, 0])
        if b"\x02\x00\x00\x00" == content[132:136]:
            corpus.add("dataset", prefix + objects.data_set(content))
        if number < 3:
            continue
        pixels(corpus, one, syntax)
    for depth in (1, 5, 60, 70):
        corpus.add("dataset", bytes([1, 0, 0]) + objects.nested(depth, objects.ct(rows=4, columns=4)))
    one = objects.ct(rows=8, columns=8)
    corpus.add("dataset", bytes([0, 1, 6]) + b"\x05\x03abc\x00" + objects.bare(one, implicit=True))
    corpus.add("dataset", bytes([1, 0, 8]) + b"\x00\x01\x02\x05\x03\x02\x01\x08" + objects.bare(one))
    for path in files():
        try:
            small = without_large_values(pydicom.dcmread(path, force=True))
            corpus.add("dataset", bytes([1, 1, 0]) + objects.bare(small))
        except Exception:  # pydicom's test files are meant to be difficult, and a seed less is no loss
            continue


def pixels(corpus, one, syntax):
    try:
        header = struct.pack(
            ">HHBBBB", one.Rows, one.Columns, one.SamplesPerPixel, one.BitsAllocated, one.BitsStored, one.HighBit)
        flags = one.PixelRepresentation | PHOTOMETRICS.index(one.PhotometricInterpretation) << 2
        frame = next(generate_frames(one.PixelData, number_of_frames=int(one.get("NumberOfFrames", 1))))
    except (AttributeError, ValueError, StopIteration):
        return
    number = {"1.2.840.10008.1.2.4.81": 5, "1.2.840.10008.1.2.4.91": 7, "1.2.840.10008.1.2.4.202": 6,
              "1.2.840.10008.1.2.4.203": 6}.get(syntax, CODECS.index(syntax) if syntax in CODECS else None)
    if number is not None:
        corpus.add("pixels", bytes([number]) + header + bytes([flags]) + frame)


def native_frames(corpus):
    """Frames that are encoded, which decodes them too."""
    for codec in (3, 4, 5, 6, 7):
        for samples, allocated, stored, sign in ((1, 8, 8, 0), (1, 16, 12, 0), (1, 16, 16, 1), (3, 8, 8, 0)):
            for rows, columns in ((1, 1), (7, 9), (16, 16)):
                header = struct.pack(">BHHBBBBB", 8 + codec, rows, columns, samples, allocated, stored, stored - 1,
                                     sign | (4 if samples == 3 else 0))
                body = bytes((7 * n) % (1 << (stored - 8) if n % 2 and stored < 16 and allocated == 16 else 256)
                             for n in range(rows * columns * samples * allocated // 8))
                corpus.add("pixels", header + body)
                for place in (0, 40, 100):
                    damage = bytes([0, place, 1, 0, place + 9, 128, 0, 0, 0, 0, 0, 0])
                    corpus.add("pixels", bytes([header[0] | 16]) + header[1:] + damage + body)


def character_sets(corpus):
    texts = ["Håkan^Ångström", "Люкceмбypг", "Διονυσιος", "山田^太郎=やまだ^たろう", "김희중", "שרון^דבורה", "ทดสอบ", "王^小东"]
    codings = {"iso8859_1": 1, "iso8859_5": 5, "iso8859_7": 7, "iso8859_8": 8, "shift_jis": 10, "tis_620": 11, "utf_8": 12,
               "gb18030": 13, "iso2022_jp": 18, "iso2022_jp_2": 19, "iso2022_kr": 16}
    for text in texts:
        for coding, number in codings.items():
            for delimiter in range(3):
                content = text.encode(coding, errors="ignore")
                corpus.add("charset", bytes([number, 12, delimiter, 0]) + content)
                corpus.add("charset", bytes([12, number, delimiter, 0]) + text.encode())
    for name in (b"ISO 2022 IR 100\\ISO 2022 IR 87", b"ISO_IR 100\\", b"\\\\\\", b"ISO_IR 192\\GB18030", b"X"):
        corpus.add("charset", bytes([21, 12, 1, len(name)]) + name + b"\x1b$B$d$^\x1b(B^A\\B\xe5")


def streams(corpus):
    for path in files():
        content = path.read_bytes()[:20000]
        deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
        corpus.add("inflate", b"\x20\x20" + deflate.compress(content) + deflate.flush())
    content = (pathlib.Path(pydicom.data.__file__).parent / "test_files" / "image_dfl.dcm").read_bytes()
    corpus.add("inflate", b"\xff\xff" + objects.data_set(content))
    for level, strategy in ((0, 0), (1, zlib.Z_FIXED), (9, zlib.Z_HUFFMAN_ONLY), (9, zlib.Z_RLE)):
        deflate = zlib.compressobj(level, zlib.DEFLATED, -9, 1, strategy)
        corpus.add("inflate", b"\x00\x00" + deflate.compress(bytes(3000) + content[:500]) + deflate.flush())


def framed(*pdus):
    """A kind, a length of two bytes and the body each, of which the harness makes PDUs."""
    return b"".join(p[:1] + p[4:6] + p[6:] for p in pdus)


def peers(corpus):
    contexts = [(wire.CT_IMAGE, [wire.EXPLICIT, wire.IMPLICIT]), (wire.VERIFICATION, [wire.IMPLICIT])]
    request = wire.associate_request("ANTIPODE", "CT1", contexts)
    one = objects.ct(rows=8, columns=8)
    store = list(wire.data_pdus(1, wire.store_command(one.SOPClassUID, one.SOPInstanceUID), True))
    store += list(wire.data_pdus(1, objects.bare(one), False, size=512))
    release, abort = wire.pdu(5, bytes(4)), wire.pdu(7, bytes(4))
    roles = wire.item(0x54, struct.pack(">H", len(wire.CT_IMAGE)) + wire.CT_IMAGE.encode() + b"\1\1")
    identity = wire.item(0x58, b"\2\1\0\4user\0\4pass")
    extended = wire.item(0x56, struct.pack(">H", len(wire.CT_IMAGE)) + wire.CT_IMAGE.encode() + b"\2\0\1\0\0\0")
    window = wire.item(0x53, b"\0\1\0\1")

    def more(pdu, items):
        # The user information item is the last (PS3.8 9.3.2).
        body = pdu[6:]
        at = body.rindex(b"\x50\x00", 68)
        length = struct.unpack(">H", body[at + 2:at + 4])[0]
        inside = body[at + 4:at + 4 + length] + items
        return wire.pdu(pdu[0], body[:at] + wire.item(0x50, inside))

    rich = more(request, roles + extended + window + identity)
    for flags in (0, 2, 4, 8, 16):
        for first in (request, rich):
            for rest in ([], store, store + [release], [abort], [wire.pdu(4, b"")], store[:1] + [abort]):
                corpus.add("acceptor", bytes([flags]) + first + b"".join(rest))
                corpus.add("acceptor", bytes([flags | 1]) + framed(first, *rest))

    body = struct.pack(">HH16s16s32x", 1, 0, b"READER".ljust(16), b"ANTIPODE".ljust(16))
    body += wire.item(0x10, b"1.2.840.10008.3.1.1.1")
    for number, result in ((1, 0), (3, 3)):
        body += wire.item(0x21, struct.pack(">BBBB", number, 0, result, 0) + wire.item(0x40, wire.EXPLICIT.encode()))
    user = wire.item(0x51, struct.pack(">I", 16384)) + wire.item(0x52, b"2.25.1") + wire.item(0x55, b"PATHTEST")
    accept = wire.pdu(2, body + wire.item(0x50, user))
    # Which command comes back is the same to the reader of PDUs.
    answer = list(wire.data_pdus(1, wire.echo_command(), True))
    for flags in (0, 2, 4, 6):
        for first in (accept, more(accept, roles + extended + window), wire.pdu(3, b"\0\1\1\7"), wire.pdu(3, b"\0\2\3\2"), abort):
            for rest in ([], answer, answer + [wire.pdu(6, bytes(4))], answer + [release], [abort]):
                corpus.add("requestor", bytes([flags]) + first + b"".join(rest))
                corpus.add("requestor", bytes([flags | 1]) + framed(first, *rest))


def main():
    corpus = Corpus(sys.argv[1])
    data_sets(corpus)
    native_frames(corpus)
    character_sets(corpus)
    streams(corpus)
    peers(corpus)


if __name__ == "__main__":
    main()
