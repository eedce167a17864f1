# Warnings, hardening and sanitizers for our own targets. Warnings are errors
# only for developers (the presets turn that on).
add_library(vam_warnings INTERFACE)
target_compile_options(vam_warnings INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wpedantic
  -fstack-protector-strong
  $<$<CONFIG:Release,RelWithDebInfo>:-D_FORTIFY_SOURCE=2>)
target_link_options(vam_warnings INTERFACE -Wl,-z,relro,-z,now -Wl,--as-needed)
if(VAM_WARNINGS_AS_ERRORS)
  target_compile_options(vam_warnings INTERFACE -Werror)
endif()
if(VAM_SANITIZE)
  # For all targets: half a sanitized program gives false alarms.
  add_compile_options(-fsanitize=${VAM_SANITIZE} -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${VAM_SANITIZE})
endif()
