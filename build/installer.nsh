; Included in the installer for Windows. Before the files go, and not when another version takes their
; place, Sentra's hands are taken off everything. The uninstaller has ended the program by then.
!macro customUnInstall
  ${ifNot} ${isUpdated}
    DetailPrint "Taking Sentra's hands off everything"
    nsExec::ExecToLog '"$INSTDIR\${APP_EXECUTABLE_FILENAME}" disarm --yes'
    Pop $R0
    ${if} $R0 != 0
      DetailPrint "Not all of it is gone: see above"
    ${endIf}
  ${endIf}
!macroend
