# Picture formats beyond JPEG and PNG. Each library is optional:
#
#   -D VAM_WEBP=AUTO   read WebP if libwebp is installed (the default)
#   -D VAM_WEBP=ON     fail to configure without it
#   -D VAM_WEBP=OFF    leave it out
#
# The code sees VAM_WEBP_BUILT as 0 or 1, and a decoder's file
# (src/decode/webp.cpp) is only compiled if it is 1.
set(vam_formats "")
function(vam_format name file)
  set(modules ${ARGN})
  set(VAM_${name} AUTO CACHE STRING "Read ${name} with ${modules}: AUTO, ON, OFF")
  set_property(CACHE VAM_${name} PROPERTY STRINGS AUTO ON OFF)
  set(built 0)
  if(VAM_${name} STREQUAL "AUTO")
    pkg_check_modules(${name} QUIET IMPORTED_TARGET ${modules})
  elseif(VAM_${name})
    pkg_check_modules(${name} REQUIRED QUIET IMPORTED_TARGET ${modules})
  endif()
  if(VAM_${name} AND ${name}_FOUND)
    set(built 1)
    target_link_libraries(vam_dependencies INTERFACE PkgConfig::${name})
    list(JOIN modules " " words)
    set(vam_format_packages "${vam_format_packages}pkg_check_modules(${name} \
REQUIRED QUIET IMPORTED_TARGET ${words})\n" PARENT_SCOPE)
  else()
    set(vam_unbuilt_sources ${vam_unbuilt_sources} "/src/decode/${file}\\.cpp$"
      PARENT_SCOPE)
  endif()
  target_compile_definitions(vam_dependencies INTERFACE VAM_${name}_BUILT=${built})
  string(REPLACE ";" ", " shown "${modules}")
  if(built)
    message(STATUS "Format ${name}: read with ${shown} ${${name}_VERSION}")
  else()
    message(STATUS "Format ${name}: not read (VAM_${name}=${VAM_${name}}, ${shown})")
  endif()
endfunction()

set(vam_unbuilt_sources "")
set(vam_format_packages "")  # how an installed library finds what it needs
vam_format(WEBP webp libwebp libwebpdemux)
vam_format(HEIF heif libheif)
vam_format(JXL jxl libjxl)
vam_format(TIFF tiff libtiff-4)
vam_format(GIF gif libgif)
vam_format(RAW raw libraw_r)
