# fast_sde.node. The only file of that ending: the loader takes the first one it finds.
file(GLOB FAST_SDE_NODE_SOURCES CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/native/node/*.cpp")

add_library(fast_sde SHARED ${FAST_SDE_NODE_SOURCES})
set_target_properties(fast_sde PROPERTIES PREFIX "" SUFFIX ".node")
target_include_directories(fast_sde SYSTEM PRIVATE ${CMAKE_JS_INC})
target_compile_definitions(fast_sde PRIVATE
  NAPI_VERSION=9 NODE_ADDON_API_CPP_EXCEPTIONS NODE_ADDON_API_DISABLE_DEPRECATED
  NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS)
target_link_libraries(fast_sde PRIVATE fast_sde_core ${CMAKE_JS_LIB})
if(APPLE)
  target_link_options(fast_sde PRIVATE -undefined dynamic_lookup)  # Node itself has the symbols of Node-API
else()
  # nodelete: the solver threads outlive a worker thread that was the first to load the addon.
  target_link_options(fast_sde PRIVATE -Wl,-Bsymbolic -Wl,--exclude-libs,ALL -Wl,-z,nodelete)
endif()
