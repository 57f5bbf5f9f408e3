# SPDX-License-Identifier: MIT
#
# What debuggers see. Installed: <prefix>/share/rcbuf/gdb/rcbuf-gdb.py with its modules, and, where
# the shared library is, the file by which GDB loads that as soon as a program uses the library:
# <prefix>/share/gdb/auto-load/<folder of the library>/librcbuf.so.<version>-gdb.py.
set(RCBUF_GDB_FOLDER "${CMAKE_INSTALL_DATADIR}/rcbuf/gdb")

if(RCBUF_PROBES)
  include(CheckIncludeFile)
  check_include_file(sys/sdt.h RCBUF_HAVE_SDT)
  if(NOT RCBUF_HAVE_SDT)
    message(WARNING "RCBUF_PROBES: <sys/sdt.h> is not there (Debian: systemtap-sdt-dev), nor any probe")
  endif()
endif()

function(rcbuf__prepare_debuggers target)
  if(RCBUF_PROBES)
    target_compile_definitions(${target} PUBLIC RCBUF_PROBES)
  endif()
  if(RCBUF_GDB_SECTION)
    set_property(SOURCE rc/object.c APPEND PROPERTY COMPILE_DEFINITIONS
      "RCBUF_GDB_SCRIPT=\"${CMAKE_INSTALL_FULL_DATADIR}/rcbuf/gdb/rcbuf-gdb.py\"")
  endif()
endfunction()

# The folder under auto-load is that of the library in the end: known when it is installed, since
# --prefix may be another than at first, and without the folder in which CPack makes a package.
function(rcbuf__install_auto_load)
  install(CODE "
    set(prefix \"\${CMAKE_INSTALL_PREFIX}\")
    string(REGEX REPLACE \".*/_CPack_Packages/[^/]+/[^/]+/[^/]+\" \"\" final \"\${prefix}\")
    set(libraries \"${CMAKE_INSTALL_LIBDIR}\")
    if(NOT IS_ABSOLUTE \"\${libraries}\")
      set(libraries \"\${final}/\${libraries}\")
    endif()
    set(data \"${CMAKE_INSTALL_DATADIR}\")
    if(NOT IS_ABSOLUTE \"\${data}\")
      set(data \"\${prefix}/\${data}\")
    endif()
    file(INSTALL DESTINATION \"\${data}/gdb/auto-load\${libraries}\" TYPE FILE
      RENAME \"librcbuf.so.${PROJECT_VERSION}-gdb.py\"
      FILES \"${PROJECT_SOURCE_DIR}/debug/auto-load.py\")")
endfunction()

function(rcbuf__install_debuggers)
  install(FILES debug/rcbuf-gdb.py DESTINATION "${RCBUF_GDB_FOLDER}")
  install(DIRECTORY debug/rcbuf_gdb DESTINATION "${RCBUF_GDB_FOLDER}" FILES_MATCHING PATTERN "*.py"
    PATTERN __pycache__ EXCLUDE)
  if(TARGET rcbuf_shared AND CMAKE_EXECUTABLE_FORMAT STREQUAL "ELF")
    rcbuf__install_auto_load()
  endif()
endfunction()
