#!/usr/bin/env bash
# Builds, tests and times fast-sde on a machine with an NVIDIA GPU, without Node and without a network, from the archive
# that scripts/gpu/pack.mjs made. See docs/gpu.md.
# shellcheck disable=SC2317 # steps are called by name
set -uo pipefail

usage() {
  cat <<'USAGE'
check.sh [--only STEP,…] [--limit SECONDS] [--keep DIR] [--work DIR] [fast-sde-gpu.tar.xz]

Runs in the unpacked folder it lies in, or unpacks the archive it is given (into DIR of --work; otherwise beside the
archive), once. What an earlier call built is used again.

  --only STEP,…     some steps, in their order:
                    build                           the addon, both plugins, the C++ tests, the kernel benchmark
                    test     = doctor, cpp, devices, gpu   what is there; the C++ tests; the API on emulated GPUs and on this one
                    sanitize = memcheck, racecheck, synccheck   compute-sanitizer on the C++ tests of the device
                    bench    = kernels, digits, paths   the fused pass beside a copy; digits beside PyTorch; paths beside the CPU
  --limit SECONDS   for each step (default 1200); a step that takes longer has failed
  --keep DIR        copies the table, the logs and the results there

FAST_SDE_GPU_QUICK=1 makes tests and benchmarks small (the sanitizers' always are). FAST_SDE_LIBTORCH names another
PyTorch than python3's. Exit code 1 if a step failed.
USAGE
}

die() {
  echo "check.sh: $1" >&2
  exit 2
}

only='build,test,sanitize,bench' limit=1200 keep='' work='' archive='' one=''
while (($# > 0)); do
  case $1 in
    --only | --limit | --keep | --work | --step)
      (($# > 1)) || die "$1 needs a value"
      case $1 in
        --only) only=$2 ;;
        --limit) limit=$2 ;;
        --keep) keep=$(mkdir -p "$2" && cd "$2" && pwd) || die "cannot make $2" ;;
        --work) work=$2 ;;
        --step) one=$2 ;; # this script calls itself so, for the time limit
      esac
      shift 2
      ;;
    -h | --help) usage && exit ;;
    -*) die "unknown option $1 (see --help)" ;;
    *) archive=$1 && shift ;;
  esac
done

if [[ $archive ]]; then
  [[ -f $archive ]] || die "no file $archive"
  work=${work:-$(dirname "$archive")}
  folder=$work/fast-sde-gpu
  sum=$(cksum <"$archive")
  if [[ $(cat "$folder/.archive" 2>/dev/null) != "$sum" ]]; then
    echo "• unpacking into $folder"
    # An older archive's sources go, what was built from them stays.
    mkdir -p "$folder"
    find "$folder" -mindepth 1 -maxdepth 1 ! -name build ! -name logs -exec rm -rf {} +
    # -m: files are as new as they are here, so that all that changed is built again.
    tar -xmf "$archive" -C "$work" || die "cannot unpack $archive"
    echo "$sum" >"$folder/.archive"
  fi
  exec "$BASH" "$folder/scripts/gpu/check.sh" --only "$only" --limit "$limit" ${keep:+--keep "$keep"}
fi

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root" || exit 2
logs=$root/logs
release=$root/build/Release
tests=$release/fast_sde_tests
plugin=$release/libfast_sde_cuda.so
mkdir -p "$logs"

node=$root/bin/node
[[ -x $node ]] || node=$(command -v node) || die 'no bin/node: make the archive with scripts/gpu/pack.mjs'
PATH=$(dirname "$node"):$PATH:/usr/local/cuda/bin
export PATH NO_COLOR=1
[[ -f $plugin ]] && export FAST_SDE_CUDA_PLUGIN=$plugin

# --- Helpers of the steps. A step runs in a process of its own: `skip` ends it. ---

skip() {
  echo "skipped: $1"
  exit 77
}

has_gpu() { nvidia-smi -L 2>/dev/null | grep '^GPU' >/dev/null; }

need_gpu() { has_gpu || skip 'no NVIDIA GPU'; }

need_file() { [[ -e $1 ]] || skip "no $(basename "$1")"; }

need_program() { command -v "$1" >/dev/null || skip "no $1"; }

# A field of the LibTorch found: cmakeDir, version, python.
libtorch() {
  "$node" --input-type=module -e "
    import { findLibTorch } from './lib/libtorch.mjs';
    const { found, tried } = findLibTorch({ root: process.cwd() });
    if (!found) console.error(tried.join('\n'));
    console.log(found?.['$1'] ?? '');"
}

use_python() {
  FAST_SDE_PYTHON=${FAST_SDE_PYTHON:-$(libtorch python)}
  export FAST_SDE_PYTHON=${FAST_SDE_PYTHON:-python3}
}

# using_gpu COMMAND…: tests skip by themselves what needs a GPU they cannot use. Where there is one, that is a failure.
using_gpu() {
  local output=$logs/tests.out status=0
  "$@" 2>&1 | tee "$output" || status=$?
  if has_gpu && grep -q 'GPU tests .*skipped' "$output"; then
    echo 'There is a GPU, and the tests did not use it.'
    status=1
  fi
  return "$status"
}

# --- Steps ---

# Each part in a folder of its own: a CUDA or a PyTorch that CMake does not get along with stops that part alone.
step_build() {
  local nvcc own torch failed=0
  local options=("-DCMAKE_LIBRARY_OUTPUT_DIRECTORY=$release" -DFAST_SDE_ADDON=OFF)

  local headers="$root/node_modules/node-api-headers/include;$root/node_modules/node-addon-api"
  local addon=("-DCMAKE_JS_INC=$headers" -DCMAKE_JS_SRC= -DCMAKE_JS_LIB= -DFAST_SDE_TESTS=ON)
  [[ -f include/doctest/doctest.h ]] && addon+=("-DDOCTEST_INCLUDE=$root/include")
  build build "${addon[@]}" || failed=1

  if nvcc=$(command -v nvcc); then
    local cuda=(-DFAST_SDE_CUDA=ON -DFAST_SDE_BENCH=ON "-DCMAKE_CUDA_COMPILER=$nvcc")
    own=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader 2>/dev/null | head -n 1 | tr -d .) || true
    case $own in
      '' | 80 | 90) ;; # among the default ones
      *) cuda+=("-DFAST_SDE_CUDA_ARCHITECTURES=80-real;90;$own-real") ;;
    esac
    build build/cuda-plugin "${options[@]}" "${cuda[@]}" || failed=1
  else
    echo 'no nvcc: the CUDA plugin is left out'
  fi

  torch=$(libtorch cmakeDir)
  if [[ $torch ]]; then
    build build/torch-plugin "${options[@]}" -DFAST_SDE_TORCH=ON "-DTorch_DIR=$torch" || failed=1
  else
    echo 'no PyTorch: the LibTorch plugin is left out'
  fi
  ls -l "$release"
  return "$failed"
}

# build FOLDER OPTION…: what does not compile is not to keep the rest from being tested.
build() {
  local folder=$1 generator=() keep_going=(-k)
  if command -v ninja >/dev/null; then generator=(-G Ninja) keep_going=(-k 0); fi
  rm -f "$folder/CMakeCache.txt"
  cmake -S . -B "$folder" "${generator[@]}" -DCMAKE_BUILD_TYPE=Release "${@:2}" &&
    cmake --build "$folder" --parallel "$(nproc)" -- "${keep_going[@]}"
}

step_doctor() {
  need_file "$release/fast_sde.node"
  "$node" dist/esm/cli/main.js doctor
}

step_cpp() {
  need_file "$tests"
  local failed=0
  using_gpu "$tests" --test-case='*cuda:*' || failed=1
  "$tests" --test-case-exclude='*cuda:*' || failed=1
  return "$failed"
}

vitest() {
  need_file "$release/fast_sde.node"
  need_file "$1"
  use_python
  "$node" node_modules/vitest/vitest.mjs run "$1"
}

step_devices() { vitest test/devices.test.ts && vitest test/solve-devices.test.ts; }

step_gpu() {
  need_gpu
  using_gpu vitest test/gpu.test.ts
}

sanitizer() {
  need_gpu
  need_program compute-sanitizer
  need_file "$tests"
  need_file "$plugin"
  export FAST_SDE_GPU_QUICK=1
  compute-sanitizer --tool "$1" --error-exitcode 1 "$tests" --test-case='*cuda:*' 2>&1 | tee "$logs/$1.out" && return
  # Some virtual machines do not let it at the device.
  if grep -q 'Device not supported' "$logs/$1.out"; then skip 'compute-sanitizer: device not supported here'; fi
  return 1
}

step_memcheck() { sanitizer memcheck; }
step_racecheck() { sanitizer racecheck; }
step_synccheck() { sanitizer synccheck; }

step_kernels() {
  need_gpu
  need_file "$release/bench_cuda"
  rm -f "$logs/bench_cuda.json"
  "$release/bench_cuda" >"$logs/bench_cuda.new"
  mv "$logs/bench_cuda.new" "$logs/bench_cuda.json"
  cat "$logs/bench_cuda.json"
}

step_digits() {
  need_gpu
  need_file "$release/fast_sde.node"
  need_file "$release/libfast_sde_torch.so"
  need_file "$plugin"
  use_python
  local kernels=()
  [[ -f $logs/bench_cuda.json ]] && kernels=(--kernels "$logs/bench_cuda.json")
  "$node" bench/gpu.mjs "${kernels[@]}"
}

step_paths() {
  need_gpu
  need_file "$release/fast_sde.node"
  need_file "$plugin"
  "$node" bench/gpu-paths.mjs
}

if [[ $one ]]; then
  set -e
  "step_$one"
  exit
fi

# --- The steps asked for, one after the other, and the table ---

steps=()
IFS=, read -ra names <<<"$only"
for name in "${names[@]}"; do
  case $name in
    test) steps+=(doctor cpp devices gpu) ;;
    sanitize) steps+=(memcheck racecheck synccheck) ;;
    bench) steps+=(kernels digits paths) ;;
    build | doctor | cpp | devices | gpu | memcheck | racecheck | synccheck | kernels | digits | paths) steps+=("$name") ;;
    *) die "no step $name (see --help)" ;;
  esac
done

summary=$logs/summary.txt
failed=0

keep_results() {
  [[ $keep ]] || return 0
  mkdir -p "$keep/results"
  cp "$summary" "$keep"
  cp "$logs"/*.json "$keep" 2>/dev/null
  cp bench/results/gpu-* "$keep/results" 2>/dev/null
  for log in "$logs"/*.log; do printf '\n===== %s =====\n' "$(basename "$log" .log)" && cat "$log"; done >"$keep/logs.txt"
}

{
  nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader 2>/dev/null || echo 'no NVIDIA GPU'
  printf '\n%-10s  %-7s  %7s\n' step result seconds
} >"$summary"
started=$(date +%s)
for step in "${steps[@]}"; do
  echo "• $step"
  SECONDS=0
  timeout --kill-after=10 "$limit" "$BASH" "$root/scripts/gpu/check.sh" --step "$step" >"$logs/$step.log" 2>&1
  status=$?
  why=''
  case $status in
    0) result=ok ;;
    77) result=skipped why=$(tail -n 1 "$logs/$step.log" | sed 's/^skipped: //') ;;
    124 | 137) result=failed why="over $limit s, see logs/$step.log" ;;
    *) result=failed why="see logs/$step.log" ;;
  esac
  if [[ $result == failed ]]; then
    failed=1
    tail -n 25 "$logs/$step.log" | sed 's/^/    /'
  fi
  printf '%-10s  %-7s  %7d%s\n' "$step" "$result" "$SECONDS" "${why:+  $why}" >>"$summary"
  keep_results # even if this is stopped before its end
done

# The headlines of the results written just now.
for file in bench/results/gpu-*.json; do
  [[ -f $file && $(stat -c %Y "$file") -ge $started ]] || continue
  { echo && "$node" -p "JSON.parse(require('fs').readFileSync('$file', 'utf8')).headline.join('\n')"; } >>"$summary"
done
keep_results
echo
cat "$summary"
exit $failed
