# Flags for all code of ours. Every variant and compiler has to give the same bits, hence no contraction to fma and
# nothing of fast-math; errno and floating-point traps are not looked at, and without them loops vectorise.
add_library(fast_sde_flags INTERFACE)
target_compile_options(fast_sde_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:
  -ffp-contract=off -fno-math-errno -fno-trapping-math -fvisibility=hidden -fvisibility-inlines-hidden -Wall -Wextra>)
target_include_directories(fast_sde_flags INTERFACE "${CMAKE_SOURCE_DIR}/native")

# Faults of memory, of the language and between threads end the program. FAST_SDE_SANITIZED: one instruction set is
# enough then, and functions need not be inlined (native/core/hd.hpp), which would make compiling take 15 times as long.
if(FAST_SDE_SANITIZE)
  target_compile_options(fast_sde_flags INTERFACE
    -fsanitize=${FAST_SDE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer
    # Those of null pointers make the address of a template's function no constant, which node-addon-api needs; a null
    # pointer that is used is a fault of memory anyway.
    -fno-sanitize=null,nonnull-attribute,returns-nonnull-attribute)
  target_compile_definitions(fast_sde_flags INTERFACE FAST_SDE_SANITIZED)
  target_link_options(fast_sde_flags INTERFACE -fsanitize=${FAST_SDE_SANITIZE})
endif()
