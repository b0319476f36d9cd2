/**
 * The text of `activate.ps1`, for PowerShell 5.1 and newer on every platform. One text for every environment, in ASCII; the rules are
 * those of {@link activatePosix}. Paths go through `-LiteralPath`, and no text is ever invoked.
 */
export const activatePowerShell: string = `# Use this file with ". path/to/activate.ps1" in PowerShell; "deactivate" undoes it.
# It is the same in every environment and finds its own place. Settings of your own do not belong here.

param ([string]$VenvDir, [string]$Prompt)

function global:deactivate ([switch]$NonDestructive) {
    foreach ($name in @('PATH', 'PYTHONHOME', 'PKG_CONFIG_PATH', 'VIRTUAL_ENV', 'VIRTUAL_ENV_PROMPT')) {
        $saved = Get-Variable -Scope Global -Name "_OLD_VIRTUAL_$name" -ErrorAction SilentlyContinue
        if ($null -ne $saved) {
            # Null would become an empty text, which newer versions keep as a value.
            if ($null -eq $saved.Value) {
                Remove-Item -LiteralPath "Env:$name" -ErrorAction SilentlyContinue
            } else {
                Set-Item -LiteralPath "Env:$name" -Value $saved.Value
            }
            Remove-Variable -Scope Global -Name "_OLD_VIRTUAL_$name"
        }
    }
    if (Test-Path -LiteralPath Function:_OLD_VIRTUAL_PROMPT) {
        Copy-Item -LiteralPath Function:_OLD_VIRTUAL_PROMPT -Destination Function:prompt
        Remove-Item -LiteralPath Function:_OLD_VIRTUAL_PROMPT
    }
    if (-not $NonDestructive) {
        Remove-Item -LiteralPath Function:deactivate
    }
}

# Another environment that is active in this shell is left first.
deactivate -NonDestructive

& {
    param ([string]$Scripts, [string]$VenvDir, [string]$Prompt)
    if ($VenvDir) {
        $VenvDir = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($VenvDir)
        $Scripts = [IO.Path]::Combine($VenvDir.TrimEnd('/', '\\'), [IO.Path]::GetFileName($Scripts))
    }
    $root = [IO.Path]::GetDirectoryName($Scripts)
    $config = [IO.Path]::Combine($root, 'pyvenv.cfg')
    if (-not [IO.File]::Exists($config)) {
        Remove-Item -LiteralPath Function:deactivate
        throw "activate.ps1: cannot find the environment that this file belongs to (no pyvenv.cfg above '$Scripts')."
    }
    # The name to show: "prompt" of pyvenv.cfg, else the name of the folder.
    $name = [IO.Path]::GetFileName($root)
    foreach ($line in [IO.File]::ReadAllLines($config)) {
        if ($line -cmatch '^prompt\\s*=\\s*(.*)$') {
            $name = $Matches[1].Trim() -creplace '^(["''])(.*)\\1$', '$2'
        }
    }
    if ($Prompt) { $name = $Prompt }
    foreach ($variable in @('PATH', 'PYTHONHOME', 'PKG_CONFIG_PATH', 'VIRTUAL_ENV', 'VIRTUAL_ENV_PROMPT')) {
        # A variable that is not there is saved as null.
        Set-Variable -Scope Global -Name "_OLD_VIRTUAL_$variable" -Value ([Environment]::GetEnvironmentVariable($variable))
    }
    $env:VIRTUAL_ENV = $root
    $env:VIRTUAL_ENV_PROMPT = $name -creplace '[\\x00-\\x1f\\x7f]', '?'
    Remove-Item -LiteralPath Env:PYTHONHOME -ErrorAction SilentlyContinue
    $pkgconfig = [IO.Path]::Combine($root, 'lib', 'pkgconfig')
    if ($env:PKG_CONFIG_PATH) { $pkgconfig += [IO.Path]::PathSeparator + $env:PKG_CONFIG_PATH }
    $env:PKG_CONFIG_PATH = $pkgconfig
    $env:PATH = $Scripts + [IO.Path]::PathSeparator + $env:PATH
    if (-not $env:VIRTUAL_ENV_DISABLE_PROMPT) {
        function global:_OLD_VIRTUAL_PROMPT { '' }
        Copy-Item -LiteralPath Function:prompt -Destination Function:_OLD_VIRTUAL_PROMPT
        function global:prompt {
            Write-Host -NoNewline -ForegroundColor Green "($env:VIRTUAL_ENV_PROMPT) "
            _OLD_VIRTUAL_PROMPT
        }
    }
} $PSScriptRoot $VenvDir $Prompt
`;
