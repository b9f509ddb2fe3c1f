# Flags for all code of ours. Every variant and compiler has to give the same bits, hence no contraction to fma and
# nothing of fast-math; errno and floating-point traps are not looked at, and without them loops vectorise.
add_library(fast_sde_flags INTERFACE)
target_compile_options(fast_sde_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:
  -ffp-contract=off -fno-math-errno -fno-trapping-math -fvisibility=hidden -fvisibility-inlines-hidden -Wall -Wextra>)
target_include_directories(fast_sde_flags INTERFACE "${CMAKE_SOURCE_DIR}/native")
