# SPDX-License-Identifier: MIT
#
# Installed: <prefix>/include/rcbuf/{rc,buffer}/, the libraries, find_package(rcbuf CONFIG),
# pkg-config's rcbuf.pc, and through CPack an archive and a Debian package of the same.
include(CMakePackageConfigHelpers)

# A header whose opening comment says "Private (not installed)" is not installed.
foreach(header IN LISTS RCBUF_HEADERS)
  file(STRINGS "${header}" private LIMIT_COUNT 1 REGEX "Private \\(not installed\\)")
  if(NOT private)
    get_filename_component(folder "${header}" DIRECTORY)
    get_filename_component(folder "${folder}" NAME)
    install(FILES "${header}" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/rcbuf/${folder}")
  endif()
endforeach()

set(RCBUF_INSTALLED)
foreach(name static shared)
  if(TARGET rcbuf_${name})
    list(APPEND RCBUF_INSTALLED rcbuf_${name})
  endif()
endforeach()
install(TARGETS ${RCBUF_INSTALLED} EXPORT rcbuf
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
  LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")

rcbuf__install_debuggers()

set(RCBUF_PACKAGE "${CMAKE_INSTALL_LIBDIR}/cmake/rcbuf")
install(EXPORT rcbuf NAMESPACE rcbuf:: FILE rcbuf-targets.cmake DESTINATION "${RCBUF_PACKAGE}")
configure_package_config_file(.cmake/rcbuf-config.cmake.in rcbuf-config.cmake
  INSTALL_DESTINATION "${RCBUF_PACKAGE}")
# Before 1.0 a minor version may change the interface, and the inline layout is ABI.
write_basic_package_version_file(rcbuf-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES
  "${CMAKE_CURRENT_BINARY_DIR}/rcbuf-config.cmake"
  "${CMAKE_CURRENT_BINARY_DIR}/rcbuf-config-version.cmake"
  DESTINATION "${RCBUF_PACKAGE}")

# The prefix is found from where the .pc file lies, however deep the library folder is
# (lib/x86_64-linux-gnu, too), so that an installed tree can be moved.
set(RCBUF_PKGCONFIG "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig")
file(RELATIVE_PATH RCBUF_PC_PREFIX "${RCBUF_PKGCONFIG}" "${CMAKE_INSTALL_PREFIX}")
string(REGEX REPLACE "/$" "" RCBUF_PC_PREFIX "${RCBUF_PC_PREFIX}")
foreach(kind LIBDIR INCLUDEDIR)
  if(IS_ABSOLUTE "${CMAKE_INSTALL_${kind}}")
    set(RCBUF_PC_${kind} "${CMAKE_INSTALL_${kind}}")
  else()
    set(RCBUF_PC_${kind} "\${prefix}/${CMAKE_INSTALL_${kind}}")
  endif()
endforeach()
set(RCBUF_PC_PROBES)
if(RCBUF_PROBES)
  set(RCBUF_PC_PROBES " -DRCBUF_PROBES")
endif()
set(RCBUF_PC_LEDGER)
if(RCBUF_LEDGER)
  set(RCBUF_PC_LEDGER " -DRCBUF_LEDGER")
endif()
configure_file(.cmake/rcbuf.pc.in rcbuf.pc @ONLY)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/rcbuf.pc"
  DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")

if(RCBUF_TOP_LEVEL)
  set(CPACK_GENERATOR TGZ DEB)
  set(CPACK_PACKAGE_NAME librcbuf-dev)
  set(CPACK_PACKAGE_CONTACT "the rcbuf developers <rcbuf@localhost>")
  set(CPACK_RESOURCE_FILE_LICENSE "${PROJECT_SOURCE_DIR}/LICENSE")
  set(CPACK_DEBIAN_PACKAGE_SECTION libdevel)
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
  set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
  include(CPack)
endif()
