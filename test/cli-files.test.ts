/** The command line loses nothing: kills, signals, full disks, lost readers, pipes, names of one file. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, describe, expect, it } from 'vitest';
import { PROGRAM, programIn } from './support/cli.js';
import { pythonWithTorch } from './support/models.js';
import { decodeNpy } from './support/npy.js';
import { rounds } from './support/rounds.js';

const { folder, at, run, sample } = programIn('fast-sde-files-');

const root = process.getuid?.() === 0;
const TEMPORARY = /\.fast-sde-[0-9a-f]{8}\.part$/;
const temporaries = (where = folder) => readdirSync(where).filter(name => TEMPORARY.test(name));
const settingsOf = (name: string) => JSON.parse(readFileSync(at(`${name}.json`), 'utf8'));
const hashOf = (name: string) =>
  createHash('sha256')
    .update(readFileSync(at(name)))
    .digest('hex');
writeFileSync(at('wide.json'), JSON.stringify({ weights: [1], means: [new Array(1000).fill(0)], variances: [1] }));
/** 16 MB of numbers for next to no work: most of the time is writing. */
const LARGE = ['sample', '--mixture', 'wide.json', '--solver', 'euler-maruyama:1', '--count', '4000', '--quiet'];
/** Some seconds of work. */
const LONG = ['sample', '--mixture', 'flat.json', '--count', '200000'];
const QUICK = ['--solver', 'euler-maruyama:1'];
const SMALL = ['--mixture', 'two.json', '--count', '5'];

describe('an output is whole, or what it was before', () => {
  it(`after ${rounds(10, 200)} kills while it is written`, async () => {
    writeFileSync(at('killed.npy'), 'good and old');
    for (let i = 0; i < rounds(10, 200); i++) {
      const before = readFileSync(at('killed.npy'));
      const { signal } = await run([...LARGE, '--seed', String(i), '--out', 'killed.npy'], {
        onStart: child => whenWriting(() => setTimeout(() => child.kill('SIGKILL'), (7 * i) % 23)),
      });
      const after = readFileSync(at('killed.npy'));
      if (!after.equals(before)) expect(decodeNpy(after).data).toHaveLength(4_000_000);
      for (const name of temporaries()) {
        // Killed before it was renamed: nothing else is left behind, and its name says whose it is.
        expect(signal).toBe('SIGKILL');
        expect(name).toMatch(/^killed\.npy/);
        unlinkSync(at(name));
      }
    }
  });

  it('with two writers: it is one of theirs', async () => {
    const seeds = ['1', '2'];
    for (const seed of seeds) await run([...LARGE, '--seed', seed, '--out', `${seed}.npy`]);
    const ends = await Promise.all(seeds.map(seed => run([...LARGE, '--seed', seed, '--out', 'shared.npy'])));
    expect(ends.map(({ code }) => code)).toEqual([0, 0]);
    expect(seeds.map(seed => hashOf(`${seed}.npy`))).toContain(hashOf('shared.npy'));
    expect(temporaries()).toEqual([]);
  });

  it('with its permissions, behind its symbolic link', async () => {
    mkdirSync(at('elsewhere'));
    writeFileSync(at('elsewhere/real.npy'), 'old', { mode: 0o640 });
    symlinkSync('elsewhere/real.npy', at('link.npy'));
    symlinkSync('elsewhere/new.npy', at('dangling.npy'));
    for (const out of ['link.npy', 'dangling.npy']) expect((await sample(...SMALL, '--out', out)).code).toBe(0);
    expect(decodeNpy(readFileSync(at('elsewhere/real.npy'))).shape).toEqual([5, 2]);
    expect(decodeNpy(readFileSync(at('elsewhere/new.npy'))).shape).toEqual([5, 2]);
    expect(statSync(at('elsewhere/real.npy')).mode & 0o777).toBe(0o640);
    expect(temporaries(at('elsewhere'))).toEqual([]);
  });
});

/** Calls `then` once, as soon as a temporary file is there. */
function whenWriting(then: () => void): void {
  const asking = setInterval(() => {
    if (temporaries().length === 0) return;
    clearInterval(asking);
    then();
  }, 1);
}

describe('an output that cannot be written is found before the work', () => {
  // Root may write anything: the program runs as nobody, where that can read it.
  const nobody = root ? { uid: 65534, gid: 65534 } : {};
  const runs = spawnSync(process.execPath, [PROGRAM, '--version'], nobody).status === 0;
  chmodSync(folder, 0o777);

  it.skipIf(!runs).each([
    ['an existing file that is read-only', '--out', 'readonly.npy', /exists and cannot be written \(EACCES\)/],
    ['statistics that are read-only', '--stats', 'readonly.npy', /exists and cannot be written \(EACCES\)/],
    ['a folder without permission', '--out', 'closed/x.npy', /no file can be made in the folder closed: EACCES/],
    ['settings that are a folder', '--out', 'taken.npy', /the settings of --out taken\.npy\.json: is a folder/],
    ["another one's file in a sticky folder", '--out', 'sticky/x.npy', /belongs to another user/],
  ])('%s', async (_name, flag, file, message) => {
    writeFileSync(at('readonly.npy'), 'precious', { mode: 0o444 });
    mkdirSync(at('closed'), { recursive: true, mode: 0o555 });
    mkdirSync(at('taken.npy.json'), { recursive: true });
    mkdirSync(at('sticky'), { recursive: true });
    chmodSync(at('sticky'), 0o1777);
    writeFileSync(at('sticky/x.npy'), 'not yours');
    chmodSync(at('sticky/x.npy'), 0o666);
    if (!root && file.startsWith('sticky')) return;
    const out = flag === '--out' ? [] : ['--out', 'x.npy'];
    const { code, stderr } = await run([...LONG, ...out, flag, file], nobody);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    expect(readFileSync(at('readonly.npy'), 'utf8')).toBe('precious');
    rmSync(at('readonly.npy'), { force: true });
  });

  it.each([
    ['a folder', ['--out', '.'], /is a folder|expected a name/],
    ['a folder with the name of a file', ['--out', 'folder.npy'], /folder\.npy: is a folder/],
    ['a file in place of a folder', ['--out', 'two.json/x.npy'], /ENOTDIR/],
    ['a ring of links', ['--out', 'ring.npy'], /too many symbolic links/],
    ['a name that is too long', ['--out', `${'n'.repeat(300)}.npy`], /ENAMETOOLONG/],
    ['statistics in the samples', ['--out', 'a.npy', '--stats', './a.npy'], /--stats .* the same file as --out a\.npy/],
    ['the same in other letters', ['--out', 'a.npy', '--stats', 'A.npy'], /the same file as --out/],
    ['statistics in the settings', ['--out', 'a.npy', '--stats', 'a.npy.json'], /the same file as the settings/],
    ['a link to the mixture', ['--out', 'link-to-two.npy'], /the same file as --mixture two\.json/],
    ['a hard link to the mixture', ['--out', 'hard.npy'], /the same file as --mixture two\.json/],
    ['the mixture by another path', ['--out', 'a.npy', '--stats', 'folder.npy/../two.json'], /same file as --mixture/],
    ['two on standard output', ['--out', '-', '--stats', '/dev/stdout'], /the same file as --out -/],
    ['samples and JSON on standard output', ['--out', '-', '--json'], /standard output is taken/],
    ['too many pictures', ['--out', 'x-%d.png', '--shape', '1,2', '--count', '65537'], /at most 2\^16 pictures/],
  ])('%s', async (_name, args, message) => {
    mkdirSync(at('folder.npy'), { recursive: true });
    for (const link of ['link-to-two.npy', 'hard.npy', 'ring.npy']) rmSync(at(link), { force: true });
    symlinkSync('two.json', at('link-to-two.npy'));
    symlinkSync('ring.npy', at('ring.npy'));
    linkSync(at('two.json'), at('hard.npy'));
    const mixture = readFileSync(at('two.json'));
    const { code, stderr } = await sample('--mixture', 'two.json', ...args);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    expect(existsSync(at('a.npy'))).toBe(false);
    expect(readFileSync(at('two.json'))).toEqual(mixture);
    rmSync(at('hard.npy'));
  });
});

describe('mounts', () => {
  const mount = (...args: string[]) => root && spawnSync('mount', args).status === 0;
  mkdirSync(at('readonly'));
  writeFileSync(at('one file.npy'), 'good and old');
  const mounted = mount('-t', 'tmpfs', '-o', 'ro', 'none', at('readonly'));
  const bound = mounted && mount('--bind', at('two.json'), at('one file.npy'));

  it.skipIf(!bound)('that cannot be written or replaced are found before the work, by root too', async () => {
    const [inFolder, itself] = await Promise.all([
      run([...LONG, '--out', 'readonly/x.npy']),
      run([...LONG, '--out', 'one file.npy']),
    ]);
    expect(inFolder.stderr).toMatch(/no file can be made in the folder readonly: EROFS/);
    expect(itself.stderr).toMatch(/is mounted by itself and cannot be replaced/);
    expect([inFolder.code, itself.code]).toEqual([2, 2]);
  });

  afterAll(() => {
    if (mounted) execFileSync('umount', [at('readonly')]);
    if (bound) execFileSync('umount', [at('one file.npy')]);
  });
});

describe('a full disk', () => {
  const full = at('full');
  mkdirSync(full);
  const mounted = root && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'none', full]).status === 0;

  afterAll(() => mounted && execFileSync('umount', [full]));

  it.skipIf(!mounted)('keeps the good old files, and the samples are somewhere named', async () => {
    const first = await sample(...SMALL, '--out', 'full/x.npy');
    expect(first.code).toBe(0);
    const old = ['full/x.npy', 'full/x.npy.json'].map(hashOf);
    const { code, stderr } = await sample('--mixture', 'two.json', '--count', '50000', ...QUICK, '--out', 'full/x.npy');
    expect(code).toBe(1);
    expect(['full/x.npy', 'full/x.npy.json'].map(hashOf)).toEqual(old);
    expect(temporaries(full)).toEqual([]);
    const kept = /--out full\/x\.npy cannot be written \(ENOSPC.*\); what it was to hold is in (.*x\.npy)\n/.exec(
      stderr,
    )?.[1];
    expect(kept?.startsWith(tmpdir())).toBe(true);
    expect(decodeNpy(readFileSync(kept!)).shape).toEqual([50000, 2]);
    const settings = JSON.parse(readFileSync(`${kept}.json`, 'utf8'));
    expect(settings.sha256).toBe(createHash('sha256').update(readFileSync(kept!)).digest('hex'));
    rmSync(join(kept!, '..'), { recursive: true });
  });

  it('of a device: the numbers of a picture are kept', async () => {
    symlinkSync('/dev/full', at('full.png'));
    const { code, stdout } = await sample('--mixture', 'flat.json', '--shape', '4,4', '--out', 'full.png', '--json');
    expect(code).toBe(1);
    const { exitCode, misplaced } = JSON.parse(stdout);
    expect(exitCode).toBe(1);
    expect(misplaced).toEqual([
      expect.objectContaining({ flag: '--out', name: 'full.png', reason: expect.stringMatching(/^ENOSPC/) }),
    ]);
    expect(decodeNpy(readFileSync(misplaced[0].keptAs)).shape).toEqual([16, 4, 4]);
    rmSync(join(misplaced[0].keptAs, '..'), { recursive: true });
  });
});

describe('a signal', () => {
  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s keeps what is finished', async (signal, expected) => {
    const out = `${signal}.npy`;
    const { code, stderr } = await run([...LONG, '--out', out], {
      onStderr: onFirstProgress(child => child.kill(signal)),
    });
    expect(code).toBe(expected);
    const finished = Number(/interrupted: (\d+) of 200000 samples were finished; they are in/.exec(stderr)?.[1]);
    expect(decodeNpy(readFileSync(at(out))).shape).toEqual([finished, 16]);
    const { indices, count } = settingsOf(out);
    expect(count).toBe(200_000);
    expect(indices.reduce((sum: number, [first, last]: [number, number]) => sum + last - first + 1, 0)).toBe(finished);
  });

  it('for the second time ends at once', async () => {
    execFileSync('mkfifo', [at('unread.npy')]);
    const { code, stderr } = await run([...LONG, '--out', 'unread.npy'], {
      onStderr: onFirstProgress(child => {
        child.kill('SIGTERM');
        // Until then the first one has it wait for a reader of the pipe.
        setTimeout(() => child.kill('SIGINT'), 600);
      }),
    });
    expect(code).toBe(130);
    expect(stderr).not.toMatch(/kept|finished;/);
  });
});

/** Once, at the first line of progress. */
function onFirstProgress(then: (child: ChildProcess) => void) {
  let seen = false;
  return (_text: string, child: ChildProcess) => {
    if (!seen) then(child);
    seen = true;
  };
}

/** Runs its arguments on a terminal of their own, closes that at the first progress, and tells how they ended. */
const ON_A_TERMINAL = `
import os, pty, re, sys
child, terminal = pty.fork()
if child == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
seen = b''
while not re.search(rb' [1-9][0-9]? %', seen):
    seen += os.read(terminal, 4096)
os.close(terminal)
status = os.waitpid(child, 0)[1]
print(128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))
`;

describe('a terminal that is closed', () => {
  it('costs nothing that is finished', async () => {
    const args = [...LONG, '--count', '100000', '--out', 'terminal.npy'];
    const ended = spawnSync(pythonWithTorch(), ['-c', ON_A_TERMINAL, process.execPath, PROGRAM, ...args], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(ended.stdout.trim()).toBe('129');
    expect(decodeNpy(readFileSync(at('terminal.npy'))).shape[0]).toBeGreaterThan(1000);
  });
});

describe('a reader that goes away costs nothing', () => {
  it.each(['stdout', 'stderr'] as const)('of %s', async stream => {
    const out = `${stream}.npy`;
    const { code } = await run(['sample', '--mixture', 'flat.json', '--count', '4000', '--out', out], {
      onStart: child => child[stream]!.destroy(),
    });
    expect(code).toBe(0);
    expect(decodeNpy(readFileSync(at(out))).shape).toEqual([4000, 16]);
  });

  it('of samples on standard output: they are kept', async () => {
    const { code, stderr } = await run(['sample', '--mixture', 'flat.json', '--count', '4000', '--out', '-'], {
      onStart: child => child.stdout!.destroy(),
    });
    expect(code).toBe(1);
    const kept = /--out - cannot be written \(.*EPIPE.*\); what it was to hold is in (.*samples\.npy)\n/.exec(
      stderr,
    )?.[1];
    expect(decodeNpy(readFileSync(kept!)).shape).toEqual([4000, 16]);
    rmSync(join(kept!, '..'), { recursive: true });
  });
});

describe('pipes', () => {
  it('are written and read where somebody is at the other end', async () => {
    execFileSync('mkfifo', [at('out.npy'), at('in.json')]);
    const [ended] = await Promise.all([
      sample('--mixture', 'in.json', '--count', '5', '--out', 'out.npy', '--seed', '4'),
      shell('cat two.json > in.json'),
      shell('cat out.npy > read.npy'),
    ]);
    expect(ended.code).toBe(0);
    await sample(...SMALL, '--seed', '4', '--out', 'direct.npy');
    expect(hashOf('read.npy')).toBe(hashOf('direct.npy'));
  });

  it('do not hold up a run where nobody is', async () => {
    execFileSync('mkfifo', [at('nobody.npy'), at('nobody.json')]);
    const [input, output] = await Promise.all([
      sample('--mixture', 'nobody.json', '--count', '5', '--out', 'x.npy'),
      sample(...SMALL, '--out', 'nobody.npy'),
    ]);
    expect(input.stderr).toMatch(/--mixture nobody\.json: ENXIO: nobody writes to this pipe/);
    expect(input.code).toBe(2);
    const kept = /ENXIO: nobody reads this pipe.*what it was to hold is in (.*nobody\.npy)\n/.exec(output.stderr)?.[1];
    expect(output.code).toBe(1);
    expect(decodeNpy(readFileSync(kept!)).shape).toEqual([5, 2]);
    rmSync(join(kept!, '..'), { recursive: true });
  });

  it('standard output takes samples, and words go elsewhere', async () => {
    const binary = spawnSync(process.execPath, [PROGRAM, 'sample', ...SMALL, '--out', '-'], { cwd: folder });
    expect(decodeNpy(binary.stdout).shape).toEqual([5, 2]);
    expect(binary.stderr.toString()).toMatch(/evaluations a sample/);
  });
});

function shell(command: string): Promise<void> {
  return new Promise((resolve, reject) => {
    spawn('sh', ['-c', command], { cwd: folder, stdio: 'ignore' })
      .on('error', reject)
      .on('close', () => resolve());
  });
}

describe('every output says how it was made', () => {
  it('numbers in a file beside them', async () => {
    const args = ['--mixture', 'two.json', '--count', '4', '--first-index', '10', '--seed', '18446744073709551615'];
    await sample(...args, '--rtol', '0.1', '--noise', 'redraw', '--sde', 'vp', '--beta-max', '15', '--out', 'made.npy');
    const { version } = JSON.parse(readFileSync(join(PROGRAM, '../../../../package.json'), 'utf8'));
    const made = settingsOf('made.npy');
    expect(made).toMatchObject({
      sha256: hashOf('made.npy'),
      versions: { 'fast-sde': version, node: process.versions.node },
      inputs: { mixture: { file: 'two.json', sha256: hashOf('two.json') } },
      sde: { kind: 'vp', betaMin: 0.1, betaMax: 15, T: 1, tEnd: 1e-3 },
      score: { kind: 'mixture' },
      solver: { kind: 'adaptive', rtol: 0.1, atol: 2 / 256, scale: 'max', norm: 'rms', h0: 0.01, safety: 0.9 },
      seed: '18446744073709551615',
      firstIndex: 10,
      count: 4,
      indices: [[10, 13]],
      shape: [2],
      noise: 'redraw',
      finalDenoise: true,
    });
    // The command makes the same numbers again.
    await shell(made.command.replace('fast-sde', `${process.execPath} ${PROGRAM}`).replace('made.npy', 'again.npy'));
    expect(hashOf('again.npy')).toBe(made.sha256);
  });

  it('pictures inside, one a sample where the name has %d', async () => {
    const args = ['--mixture', 'flat.json', '--shape', '1,4,4', '--count', '3', '--first-index', '9'];
    expect((await sample(...args, '--out', "d'%03d.png")).code).toBe(0);
    await sample(...args, '--out', 'grid.png');
    const grid = PNG.sync.read(readFileSync(at('grid.png')));
    for (const [position, name] of ["d'009.png", "d'010.png", "d'011.png"].entries()) {
      const text = textOf(readFileSync(at(name)));
      expect(text.Software).toMatch(/^fast-sde \d/);
      expect(JSON.parse(text['fast-sde'])).toMatchObject({
        index: 9 + position,
        seed: 0,
        command: expect.stringMatching(/'d'\\''%03d\.png'$/),
      });
      const { width, height, data } = PNG.sync.read(readFileSync(at(name)));
      expect([width, height]).toEqual([4, 4]);
      // The same as in the grid of 2 x 2.
      const left = 4 * (position % 2) * 6;
      const top = Math.floor(position / 2) * 6;
      for (let y = 0; y < 4; y++) {
        const from = (top + y) * grid.width * 4 + left;
        expect(data.subarray(16 * y, 16 * y + 16)).toEqual(grid.data.subarray(from, from + 16));
      }
    }
    expect(JSON.parse(textOf(readFileSync(at('grid.png')))['fast-sde']).indices).toEqual([[9, 11]]);
  });

  it('--json tells the end, --quiet nothing', async () => {
    const { stdout, stderr } = await sample(...SMALL, '--out', 'j.npy', '--json', '--quiet');
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({
      end: 'finished',
      exitCode: 0,
      out: 'j.npy',
      written: 5,
      status: { success: 5 },
      figures: { count: 5, succeeded: 5 },
      misplaced: [],
      settings: { seed: 0 },
    });
    const failed = await sample(...SMALL, '--rtol', '-1', '--out', 'j.npy', '--json');
    expect(JSON.parse(failed.stdout)).toMatchObject({ end: 'failed', error: { code: 'ERR_SDE_INVALID_OPTION' } });
    expect(failed.code).toBe(2);
    expect(await sample(...SMALL, '--out', 'j.npy', '--quiet')).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });
});

/** tEXt chunks of a PNG, by keyword, with every checksum looked at by pngjs before. */
function textOf(png: Buffer): Record<string, string> {
  PNG.sync.read(png, { checkCRC: true });
  const texts: Record<string, string> = {};
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    if (png.toString('latin1', at + 4, at + 8) !== 'tEXt') continue;
    const [keyword, text] = png.toString('latin1', at + 8, at + 8 + png.readUInt32BE(at)).split('\0');
    texts[keyword] = text;
  }
  return texts;
}
