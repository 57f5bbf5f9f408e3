# SPDX-License-Identifier: MIT
#
# rcbuf__own(target): how rcbuf's own files are compiled. Nothing of it reaches a target that merely
# links rcbuf, but for the sanitizers' runtime, without which a sanitized library does not link.

foreach(sanitizer IN LISTS RCBUF_SANITIZE)
  if(NOT sanitizer MATCHES "^(address|undefined|thread)$")
    message(FATAL_ERROR "RCBUF_SANITIZE: '${sanitizer}' is none of address, undefined, thread")
  endif()
endforeach()
if("address" IN_LIST RCBUF_SANITIZE AND "thread" IN_LIST RCBUF_SANITIZE)
  message(FATAL_ERROR "RCBUF_SANITIZE: address and thread exclude each other")
endif()

function(rcbuf__own target)
  set_target_properties(${target} PROPERTIES C_STANDARD 11 C_STANDARD_REQUIRED ON C_EXTENSIONS ON)
  if(RCBUF_TOP_LEVEL)
    target_compile_options(${target} PRIVATE
      -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes)
  endif()
  if(RCBUF_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()

  # gcc 11 and 12 can crash at -O0 on cleanup together with -fexceptions.
  if(NOT "${CMAKE_C_FLAGS} ${CMAKE_C_FLAGS_DEBUG}" MATCHES "(^| )-O")
    target_compile_options(${target} PRIVATE "$<$<CONFIG:Debug>:-Og>")
  endif()

  if(RCBUF_SANITIZE)
    string(REPLACE ";" "," sanitizers "${RCBUF_SANITIZE}")
    target_compile_options(${target} PRIVATE
      -fsanitize=${sanitizers} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(${target} PUBLIC "$<BUILD_INTERFACE:-fsanitize=${sanitizers}>")
  endif()
endfunction()
