# Everything that knows neither Node nor LibTorch: engine, scores, CPU kernels, plugin loader.
find_package(Threads REQUIRED)

file(GLOB FAST_SDE_CORE_SOURCES CONFIGURE_DEPENDS
  "${CMAKE_SOURCE_DIR}/native/engine/*.cpp"
  "${CMAKE_SOURCE_DIR}/native/score/*.cpp"
  "${CMAKE_SOURCE_DIR}/native/shell/cpu/*.cpp"
  "${CMAKE_SOURCE_DIR}/native/plugin/*.cpp"
  "${CMAKE_SOURCE_DIR}/native/network/*.cpp"
  "${CMAKE_SOURCE_DIR}/native/device/*.cpp")

add_library(fast_sde_core OBJECT ${FAST_SDE_CORE_SOURCES})
target_link_libraries(fast_sde_core PUBLIC fast_sde_flags Threads::Threads ${CMAKE_DL_LIBS})

# The same kernels for several instruction sets; native/shell/cpu/dispatch.cpp chooses one at load. Elsewhere than on x86
# these files are empty and kernels_baseline.cpp serves.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
  set_source_files_properties("${CMAKE_SOURCE_DIR}/native/shell/cpu/kernels_v2.cpp" PROPERTIES COMPILE_OPTIONS "-march=x86-64-v2")
  set_source_files_properties("${CMAKE_SOURCE_DIR}/native/shell/cpu/kernels_v3.cpp" PROPERTIES COMPILE_OPTIONS "-march=x86-64-v3")
  set_source_files_properties("${CMAKE_SOURCE_DIR}/native/shell/cpu/kernels_v4.cpp" PROPERTIES
    COMPILE_OPTIONS "-march=x86-64-v4;-mprefer-vector-width=512")
endif()
