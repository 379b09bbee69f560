"""Compressing a text with a model: the proof that its bits are real.

The text is decoded, cut into symbols, and each is coded with the frequencies that the model gives
it after all before it; an unknown symbol is coded as UNKNOWN, then spelt. So the code is as long
as the bits that `evaluation` reports. The decoder makes the same calls in the same order, and so
knows the same frequencies before it reads each symbol.

Bytes come back as they were, byte order mark, line ends and all; the text's checksum proves it.
The whole text is held in memory, and its symbols: nothing is written before all of it is proved.
"""

import zlib
from collections.abc import Iterator

from charlm.coding import archive, frequencies
from charlm.coding.archive import Archive
from charlm.coding.arithmetic import NOWHERE, Decoder, Encoder
from charlm.coding.frequencies import Frequencies
from charlm.errors import CompressedFileError, TextError, UsageError
from charlm.files import foreign
from charlm.progress import Progress, Report, silent
from charlm.text.pieces import LINE_END
from charlm.text.spelling import Spelling
from charlm.text.tokenizer import Tokenizer
from charlm.text.vocabulary import UNKNOWN
from charlm.trained import TrainedModel

SYMBOLS_PER_REPORT = 1 << 12  # symbols between two progress reports


def compress(
    trained: TrainedModel, data: bytes, *, adaptive: bool = False, report: Report = silent
) -> bytes:
    """Return the compressed file. The same data and model always give the same bytes.

    Raises:
        TextError: the bytes are no text in the model's unit.
        UsageError: the model alters texts, or has no adaptive form.
        ModelFileError: a value of the model is impossible.
    """
    tokenizer = trained.tokenizer
    _refuse_lossy(tokenizer)
    trained.model.check()
    text = _decode(data, tokenizer)
    symbols = tokenizer.cut(text)
    model = frequencies.of(trained.model, adaptive)
    return Archive(
        model=archive.fingerprint(trained),
        adaptive=adaptive,
        open=tokenizer.end is not None and text != "" and not text.endswith(LINE_END),
        symbols=len(symbols),
        crc=zlib.crc32(data),
        made_on="" if model.portable else archive.machine(),
        code=_encode(model, tokenizer, text, symbols, report),
    ).pack()


def decompress(trained: TrainedModel, packed: Archive, report: Report = silent) -> bytes:
    """Return the bytes that were compressed.

    Raises:
        CompressedFileError: another model made the file, or its numbers were not the same there.
        UsageError: the model has no adaptive form.
        ModelFileError: a value of the model is impossible.
    """
    if packed.model != archive.fingerprint(trained):
        raise CompressedFileError(
            "was compressed with another model, or with this one before it changed; "
            "give the model file that it was made with"
        )
    if packed.symbols > frequencies.most(len(packed.code)):
        raise CompressedFileError(
            "is damaged: its header names more symbols than its data can hold"
        )
    trained.model.check()
    tokenizer = trained.tokenizer
    model = frequencies.of(trained.model, packed.adaptive)
    text = tokenizer.unit.join(_symbols(model, tokenizer, packed, report))
    try:
        data = _reopened(text, packed.open).encode(tokenizer.unit.encoding or "utf-8")
    except ValueError:  # no text of this unit
        raise CompressedFileError(_why_different(packed)) from None
    if zlib.crc32(data) != packed.crc:
        raise CompressedFileError(_why_different(packed))
    return data


def _reopened(text: str, is_open: bool) -> str:
    """Take the last line end off again where END stood for one that was missing."""
    if not is_open:
        return text
    if not text.endswith(LINE_END):
        raise ValueError("the last line was not closed")
    return text.removesuffix(LINE_END)


def _refuse_lossy(tokenizer: Tokenizer) -> None:
    policy = tokenizer.policy
    lowercase = "lowercase" if policy.lowercase else None
    lossy = [policy.normalize, lowercase, "CR LF to LF" if policy.drops_cr else None]
    if any(lossy):
        raise UsageError(
            f"the model alters texts ({', '.join(filter(None, lossy))}), so they cannot be "
            "restored; train one without that"
        )


def _decode(data: bytes, tokenizer: Tokenizer) -> str:
    """Decode strictly, so that encoding gives the same bytes; a byte order mark is a character."""
    try:
        return data.decode(tokenizer.unit.encoding or "utf-8")
    except UnicodeDecodeError as error:
        if found := foreign.binary(data[: foreign.BEGINNING]):
            raise TextError(found) from None
        raise TextError(
            f"byte {error.start} is not valid utf-8; a model of the byte unit takes any bytes"
        ) from None


def _encode(
    model: Frequencies, tokenizer: Tokenizer, text: str, symbols: list[str], report: Report
) -> bytes:
    encoder, spelling = Encoder(), Spelling(tokenizer)
    letters = range(spelling.letters + 1)
    for t, symbol in enumerate(tokenizer.encode(text).tolist()):
        encoder.encode(model.cumulative(), symbol)
        if symbol == UNKNOWN:
            for letter in spelling.spell(symbols[t]):
                encoder.encode(letters, letter)
        model.observe(symbol)
        if t % SYMBOLS_PER_REPORT == 0:
            report(Progress("compressing", t, len(symbols)))
    return encoder.finish()


def _symbols(
    model: Frequencies, tokenizer: Tokenizer, packed: Archive, report: Report
) -> Iterator[str]:
    decoder, spelling = Decoder(packed.code), Spelling(tokenizer)
    letters = range(spelling.letters + 1)
    names = list(map(tokenizer.name, range(tokenizer.vocab_size)))
    for t in range(packed.symbols):
        symbol = decoder.decode(model.cumulative())
        forged = symbol == UNKNOWN and not spelling.letters
        if symbol == len(names) or forged:  # what belongs to no symbol
            raise CompressedFileError(NOWHERE)
        if symbol == UNKNOWN:
            yield spelling.read(lambda: decoder.decode(letters))
        else:
            yield names[symbol]
        model.observe(symbol)
        if t % SYMBOLS_PER_REPORT == 0:
            report(Progress("restoring", t, packed.symbols))


def _why_different(packed: Archive) -> str:
    if not packed.made_on:
        return "is damaged: what it holds does not match its checksum"
    here = archive.machine()
    return (
        "cannot be restored here: the model's numbers come out differently in their last bits "
        f"(made on {packed.made_on}, this is {here}; processors may differ besides)"
    )
