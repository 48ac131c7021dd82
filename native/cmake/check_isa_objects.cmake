# Looks at the symbols of the kernels' object files for one instruction set: cmake -DNM= -DOBJECTS= -DISA= -DSTAMP= -P.
#
# A weak symbol outside the objects' own namespace, such as an inline template of `std`, is one that the linker merges
# with those of other instruction sets: it would keep one copy for all, perhaps with instructions that this processor
# lacks. And what runs when the module is loaded runs on every processor.

if(NOT OBJECTS)
  message(FATAL_ERROR "There are no object files for ${ISA} to look at.")
endif()

function(check_object object)
  execute_process(COMMAND ${NM} -C --defined-only ${object} OUTPUT_VARIABLE symbols RESULT_VARIABLE failed)
  if(failed)
    message(FATAL_ERROR "nm cannot read ${object}")
  endif()
  string(REPLACE ";" "," symbols "${symbols}")
  string(REPLACE "\n" ";" symbols "${symbols}")

  foreach(symbol IN LISTS symbols)
    if(NOT symbol MATCHES "^[0-9a-f]* ([A-Za-z]) (.*)$")
      continue()
    endif()
    set(kind ${CMAKE_MATCH_1})
    set(name "${CMAKE_MATCH_2}")
    if(name MATCHES "^_GLOBAL__sub_I")
      message(FATAL_ERROR "${object} runs ${name} when it is loaded; kernels have no dynamic initialisation.")
    endif()
    string(FIND "${name}" "selfloop::${ISA}::" own)  # anywhere: results and arguments of templates stand in the name too
    if(kind MATCHES "[TBDRVWuiG]" AND own EQUAL -1 AND NOT name MATCHES "^selfloop::isa_${ISA}\\(\\)$")
      message(FATAL_ERROR "${object} defines ${kind} ${name} outside selfloop::${ISA}; make it always_inline or its own.")
    endif()
  endforeach()
endfunction()

foreach(object IN LISTS OBJECTS)
  check_object(${object})
endforeach()

file(TOUCH ${STAMP})
