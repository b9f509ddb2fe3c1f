# The portable CPU addon alone, for prebuildify; not shipped, since package managers would compile what they find it in.
# CMakeLists.txt builds the same files with the same flags, and the rest besides.
{
  'variables': {
    'napi': '<!(node -p "require(\'node-addon-api\').include_dir")',
  },
  'target_defaults': {
    'cflags!': ['-fno-exceptions', '-O2', '-O0', '-g'],
    'cflags_cc!': ['-fno-exceptions', '-fno-rtti', '-std=gnu++17', '-std=gnu++20'],
    'cflags': [
      '-O3', '-fPIC', '-ffp-contract=off', '-fno-math-errno', '-fno-trapping-math',
      '-fvisibility=hidden', '-Wall', '-Wextra',
    ],
    'cflags_cc': ['-std=c++20', '-fvisibility-inlines-hidden'],
    'xcode_settings': {
      'CLANG_CXX_LANGUAGE_STANDARD': 'c++20',
      'GCC_ENABLE_CPP_EXCEPTIONS': 'YES',
      'GCC_ENABLE_CPP_RTTI': 'YES',
      'GCC_SYMBOLS_PRIVATE_EXTERN': 'YES',
      'OTHER_CFLAGS': ['-O3', '-ffp-contract=off', '-fno-math-errno', '-fno-trapping-math'],
    },
    'defines': ['NDEBUG'],
    'include_dirs': ['native'],
  },
  'targets': [
    {
      'target_name': 'fast_sde',
      'sources': [
        '<!@(node scripts/sources.cjs native/node native/shell/cpu native/shell/paths native/equations native/plugin native/network native/device kernels_baseline)',
      ],
      'include_dirs': ['<(napi)'],
      'defines': [
        'NAPI_VERSION=9',
        'NODE_ADDON_API_CPP_EXCEPTIONS',
        'NODE_ADDON_API_DISABLE_DEPRECATED',
        'NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS',
      ],
      'conditions': [
        ['target_arch=="x64" and OS!="win"', {
          'dependencies': ['kernels_v2', 'kernels_v3', 'kernels_v4'],
        }],
        ['OS=="linux"', {
          'libraries': ['-ldl', '-lpthread'],
          'ldflags': ['-Wl,-Bsymbolic', '-Wl,--exclude-libs,ALL', '-Wl,-z,nodelete'],
        }],
      ],
    },
  ],
  # The same kernels for several instruction sets, one chosen at load; flags hold for whole targets, hence three.
  'conditions': [
    ['target_arch=="x64" and OS!="win"', {
      'targets': [
        {
          'target_name': 'kernels_v2',
          'type': 'static_library',
          'sources': ['<!@(node scripts/sources.cjs kernels_v2)'],
          'cflags': ['-march=x86-64-v2'],
          'xcode_settings': {'OTHER_CFLAGS': ['-march=x86-64-v2']},
        },
        {
          'target_name': 'kernels_v3',
          'type': 'static_library',
          'sources': ['<!@(node scripts/sources.cjs kernels_v3)'],
          'cflags': ['-march=x86-64-v3'],
          'xcode_settings': {'OTHER_CFLAGS': ['-march=x86-64-v3']},
        },
        {
          'target_name': 'kernels_v4',
          'type': 'static_library',
          'sources': ['<!@(node scripts/sources.cjs kernels_v4)'],
          'cflags': ['-march=x86-64-v4', '-mprefer-vector-width=512'],
          'xcode_settings': {'OTHER_CFLAGS': ['-march=x86-64-v4', '-mprefer-vector-width=512']},
        },
      ],
    }],
  ],
}
