# Translation units for the samplers of native/contract/solvers.def: one for each sampler and instruction set, one for
# each sampler and device. A sampler's formulas are in its header; what is made here includes it and the shell's loops.
set(FAST_SDE_SOLVER_LIST "${CMAKE_SOURCE_DIR}/native/contract/solvers.def")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${FAST_SDE_SOLVER_LIST}")

# Sets `result` to the unit of the path engine and all its solvers for one instruction set.
function(fast_sde_path_unit result variant)
  set(file "${CMAKE_BINARY_DIR}/solvers/${variant}_paths.cpp")
  file(CONFIGURE OUTPUT "${file}" @ONLY CONTENT
"// Made by cmake/solvers.cmake.
#include \"shell/paths/kernels.inl\"

FAST_SDE_PATH_KERNELS(@variant@_paths)
")
  set(${result} "${file}" PARENT_SCOPE)
endfunction()

# Sets `result` to the units of the path solvers' kernels on a device, some solvers each: what they share is compiled
# once a unit.
function(fast_sde_path_launch_units result extension)
  set(list "${CMAKE_SOURCE_DIR}/native/contract/path_solvers.def")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${list}")
  file(STRINGS "${list}" lines REGEX "^PATH_SOLVER")
  set(a_unit 4)
  set(files)
  list(LENGTH lines left)
  while(left GREATER 0)
    list(SUBLIST lines 0 ${a_unit} some)
    set(types)
    set(launches)
    foreach(line IN LISTS some)
      string(REGEX MATCH "^PATH_SOLVER\\(([A-Za-z0-9]+), ([a-z0-9_]+)," _ "${line}")
      list(APPEND types "paths::${CMAKE_MATCH_1}")
      string(APPEND launches "FAST_SDE_PATH_LAUNCHES(${CMAKE_MATCH_2}, ${CMAKE_MATCH_1})\n")
    endforeach()
    list(JOIN types ", " types)
    list(LENGTH files number)
    set(file "${CMAKE_BINARY_DIR}/solvers/path_launches_${number}.${extension}")
    file(CONFIGURE OUTPUT "${file}" @ONLY CONTENT
"// Made from native/contract/path_solvers.def.
#include \"shell/cuda/path_launches.inl\"

namespace fast_sde::cuda {
using Unit = PathUnit<@types@>;
}
@launches@")
    list(APPEND files "${file}")
    if(left GREATER a_unit)
      list(SUBLIST lines ${a_unit} -1 lines)
      list(LENGTH lines left)
    else()
      set(left 0)
    endif()
  endwhile()
  set(${result} ${files} PARENT_SCOPE)
endfunction()

# Sets `result` to the files made, one a sampler, in build/solvers: `prefix`_<sampler>.`extension`, which includes the
# sampler's header, then `shell` (a path below native/), and ends with `macro`(`prefix`, name, Type).
function(fast_sde_solver_units result prefix extension shell macro)
  file(STRINGS "${FAST_SDE_SOLVER_LIST}" lines REGEX "^SOLVER")
  set(files)
  foreach(line IN LISTS lines)
    string(REGEX MATCH "^SOLVER\\(([A-Za-z0-9]+), ([a-z0-9_]+)," _ "${line}")
    set(type "${CMAKE_MATCH_1}")
    set(name "${CMAKE_MATCH_2}")
    set(file "${CMAKE_BINARY_DIR}/solvers/${prefix}_${name}.${extension}")
    file(CONFIGURE OUTPUT "${file}" @ONLY CONTENT
"// Made from native/contract/solvers.def.
#include \"solver/@name@.hpp\"
#include \"@shell@\"

@macro@(@prefix@, @name@, @type@)
")
    list(APPEND files "${file}")
  endforeach()
  set(${result} ${files} PARENT_SCOPE)
endfunction()
