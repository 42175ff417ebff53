"""`dialgate verify`: a signed verdict against a release and its judge, or a pack by itself."""

from __future__ import annotations

from pathlib import Path

import click

from dialgate.commands.options import release_option


@click.command()
@click.argument("attestation", type=click.Path(path_type=Path))
@click.option(
    "--suite",
    type=click.Path(path_type=Path),
    help="The suite that judged. Default: the one below suites/ that the attestation names.",
)
@release_option
@click.option(
    "--key",
    "key_files",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="A public key (PEM) whose signature counts; repeatable. Default: the policy's keys.",
)
@click.option(
    "--max-age",
    type=click.IntRange(min=1, max=3650),
    metavar="DAYS",
    help="An older signature doesn't hold. Default: the policy's attestation.max_age_days.",
)
@click.option(
    "--now",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"]),
    help="The moment (UTC) to verify at; default: now.",
)
@click.option("--json", "json_file", metavar="F", help="Write what was found; - prints it.")
def command(
    attestation: Path,
    suite: Path | None,
    release: str | None,
    key_files: tuple[Path, ...],
    max_age: int | None,
    now: object,
    json_file: str | None,
) -> int:
    """Does the signed verdict in ATTESTATION hold for this release, suite and policy?

    A folder in its place is a pack of `dialgate pack`: checked are its digests, files that were
    added, its signature, and that its page says what its files show; exit code 0, or 4.

    Checked are the signature, the statement's form, the release's digests, those of policy, classes
    and cases, and the age; every reason is listed at once. Exit codes: where all of it holds, the
    code of the verdict that was signed (0 pass, 1 fail, 3 inconclusive, 4 invalid); 4 where
    anything doesn't; 2 usage or configuration error.
    """
    import datetime as dt

    from dialgate.terminal.output import say, to_json, write_text

    if attestation.is_dir():
        given = {"--suite": suite, "--release": release, "--max-age": max_age, "--now": now}
        idle = [name for name, value in given.items() if value is not None]
        if idle:
            raise click.UsageError(f"A pack is verified by itself: leave {' and '.join(idle)} out.")
        return _verify_pack(attestation, key_files, json_file)
    from dialgate.signatures.verifying import VerifyRequest, verify
    from dialgate_reports.texts.attestation_text import render_attestation

    moment = now.replace(tzinfo=dt.UTC) if isinstance(now, dt.datetime) else dt.datetime.now(dt.UTC)
    found = verify(
        VerifyRequest(
            attestation=attestation,
            suite=suite,
            release=release,
            keys=key_files,
            max_age_days=max_age,
            now=moment,
        )
    )
    if json_file is not None:
        write_text(json_file, to_json(found))
    say(render_attestation(found), to_stderr=json_file == "-" or not found["verified"])
    return int(found["exit_code"])


def _verify_pack(folder: Path, key_files: tuple[Path, ...], json_file: str | None) -> int:
    from dialgate.dial.operating.packing.verifying import verify_pack
    from dialgate.terminal.output import say, to_json, write_text
    from dialgate_reports.texts.operating.pack_text import render_verified_pack

    found = verify_pack(folder, key_files)
    if json_file is not None:
        write_text(json_file, to_json(found))
    say(render_verified_pack(found), to_stderr=json_file == "-" or not found["verified"])
    return int(found["exit_code"])
