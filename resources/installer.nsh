; Names the program under "Open with" for what it takes in, and leaves the chosen programs alone; takes pixcrawler: links.
; https://learn.microsoft.com/windows/win32/shell/app-registration
; Names of electron-builder are known where macros are inserted, not here.

!define LINK_KEY "Software\Classes\pixcrawler"
; A further entry in the menu of folders; what a double click does stays.
!define FOLDER_KEY "Software\Classes\Directory\shell\PixCrawler"

; Where the running program has itself started at login, and where Windows keeps whether that is allowed.
!define RUN_KEY "Software\Microsoft\Windows\CurrentVersion\Run"
!define RUN_ALLOWED_KEY "Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"

!macro offerFor EXTENSION
  WriteRegStr SHELL_CONTEXT "Software\Classes\Applications\${APP_EXECUTABLE_FILENAME}\SupportedTypes" "${EXTENSION}" ""
  WriteRegStr SHELL_CONTEXT "Software\Classes\${EXTENSION}\OpenWithList\${APP_EXECUTABLE_FILENAME}" "" ""
!macroend

!macro withdrawFor EXTENSION
  DeleteRegKey SHELL_CONTEXT "Software\Classes\${EXTENSION}\OpenWithList\${APP_EXECUTABLE_FILENAME}"
!macroend

!macro forEachExtension DO
  !insertmacro ${DO} ".jpg"
  !insertmacro ${DO} ".jpeg"
  !insertmacro ${DO} ".png"
  !insertmacro ${DO} ".webp"
  !insertmacro ${DO} ".gif"
  !insertmacro ${DO} ".avif"
  !insertmacro ${DO} ".tif"
  !insertmacro ${DO} ".tiff"
  !insertmacro ${DO} ".bmp"
  !insertmacro ${DO} ".zip"
  !insertmacro ${DO} ".tar"
  !insertmacro ${DO} ".tgz"
  !insertmacro ${DO} ".gz"
  !insertmacro ${DO} ".txt"
  !insertmacro ${DO} ".csv"
  !insertmacro ${DO} ".tsv"
  !insertmacro ${DO} ".jsonl"
  !insertmacro ${DO} ".ndjson"
!macroend

; Each library has a start of its own, whose name begins with that of the application.
!macro endStartsAtLogin
  StrLen $R2 "${APP_ID}"
  StrCpy $R0 0
  ${Do}
    EnumRegValue $R1 HKCU "${RUN_KEY}" $R0
    ${If} $R1 == ""
      ${ExitDo}
    ${EndIf}
    StrCpy $R3 $R1 $R2
    ${If} $R3 == "${APP_ID}"
      DeleteRegValue HKCU "${RUN_KEY}" $R1
      DeleteRegValue HKCU "${RUN_ALLOWED_KEY}" $R1
    ${Else}
      IntOp $R0 $R0 + 1
    ${EndIf}
  ${Loop}
!macroend

!macro customInstall
  WriteRegStr SHELL_CONTEXT "Software\Classes\Applications\${APP_EXECUTABLE_FILENAME}" "FriendlyAppName" "${PRODUCT_NAME}"
  WriteRegStr SHELL_CONTEXT "Software\Classes\Applications\${APP_EXECUTABLE_FILENAME}\shell\open\command" "" '"$INSTDIR\${APP_EXECUTABLE_FILENAME}" "%1"'
  !insertmacro forEachExtension offerFor
  WriteRegStr SHELL_CONTEXT "${FOLDER_KEY}" "" "Open with ${PRODUCT_NAME}"
  WriteRegStr SHELL_CONTEXT "${FOLDER_KEY}" "Icon" '"$INSTDIR\${APP_EXECUTABLE_FILENAME}"'
  WriteRegStr SHELL_CONTEXT "${FOLDER_KEY}\command" "" '"$INSTDIR\${APP_EXECUTABLE_FILENAME}" "%1"'
  WriteRegStr SHELL_CONTEXT "${LINK_KEY}" "" "URL:${PRODUCT_NAME}"
  WriteRegStr SHELL_CONTEXT "${LINK_KEY}" "URL Protocol" ""
  WriteRegStr SHELL_CONTEXT "${LINK_KEY}\shell\open\command" "" '"$INSTDIR\${APP_EXECUTABLE_FILENAME}" "%1"'
!macroend

!macro customUnInstall
  !insertmacro forEachExtension withdrawFor
  DeleteRegKey SHELL_CONTEXT "Software\Classes\Applications\${APP_EXECUTABLE_FILENAME}"
  DeleteRegKey SHELL_CONTEXT "${FOLDER_KEY}"
  DeleteRegKey SHELL_CONTEXT "${LINK_KEY}"
  ; An update takes the program away and puts the next one in its place.
  ${IfNot} ${isUpdated}
    !insertmacro endStartsAtLogin
    ; The running program registers itself for its user, also where it was installed for all.
    DeleteRegKey HKCU "${LINK_KEY}"
  ${EndIf}
!macroend
