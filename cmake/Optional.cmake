# Libraries that the program can do without: picture formats beyond JPEG and
# PNG, and catalogs on a PostgreSQL server. Each is optional:
#
#   -D VAM_WEBP=AUTO   read WebP if libwebp is installed (the default)
#   -D VAM_WEBP=ON     fail to configure without it
#   -D VAM_WEBP=OFF    leave it out
#
# The code sees VAM_WEBP_BUILT as 0 or 1, and the files that need the library
# (src/decode/webp.cpp) are only compiled if it is 1.
set(vam_optional_packages "")  # how an installed library finds what it needs
set(vam_unbuilt_sources "")    # patterns of files

# vam_optional(NAME PURPOSE FILES MODULE...)
function(vam_optional name purpose files)
  set(modules ${ARGN})
  set(VAM_${name} AUTO CACHE STRING "${purpose} with ${modules}: AUTO, ON, OFF")
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
    set(vam_optional_packages "${vam_optional_packages}pkg_check_modules(${name} \
REQUIRED QUIET IMPORTED_TARGET ${words})\n" PARENT_SCOPE)
  else()
    set(vam_unbuilt_sources ${vam_unbuilt_sources} "/src/${files}\\.cpp$"
      PARENT_SCOPE)
  endif()
  target_compile_definitions(vam_dependencies INTERFACE VAM_${name}_BUILT=${built})
  string(REPLACE ";" ", " shown "${modules}")
  if(built)
    message(STATUS "${purpose}: with ${shown} ${${name}_VERSION}")
  else()
    message(STATUS "${purpose}: not built (VAM_${name}=${VAM_${name}}, ${shown})")
  endif()
endfunction()

vam_optional(WEBP "Format WebP" decode/webp libwebp libwebpdemux)
vam_optional(HEIF "Formats HEIC and AVIF" decode/heif libheif)
vam_optional(JXL "Format JPEG XL" decode/jxl libjxl)
vam_optional(TIFF "Format TIFF" decode/tiff libtiff-4)
vam_optional(GIF "Format GIF" decode/gif libgif)
vam_optional(RAW "Camera RAW formats" decode/raw libraw_r)
vam_optional(POSTGRES "Catalogs in PostgreSQL" "catalog/postgres(_[a-z]+)?" libpq)
