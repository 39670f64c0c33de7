#!/usr/bin/env bash
# A test class with IAsyncLifetime and IDisposable is no longer disposed of by xunit.
#
# Guess:     as with xunit 2, both DisposeAsync and Dispose are called.
# Package:   xunit.v3.mtp-off 4.0.2
# Behaviour: IAsyncLifetime now extends IAsyncDisposable, and where that is there Dispose is not called. The code builds and the tests
#            pass; what Dispose would have closed stays open.
# Seen:
# | ran InitializeAsync
# | ran the test
# | ran DisposeAsync
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/finding.csproj" <<'END'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <ImplicitUsings>enable</ImplicitUsings>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="xunit.v3.mtp-off" Version="[4.0.2]" />
  </ItemGroup>
</Project>
END

cat >"$work/Program.cs" <<'END'
using Xunit;

public sealed class Resources : IAsyncLifetime, IDisposable
{
    public ValueTask InitializeAsync() => Ran("InitializeAsync");

    public ValueTask DisposeAsync() => Ran("DisposeAsync");

    public void Dispose() => Ran("Dispose");

    [Fact]
    public void Test() => Ran("the test");

    private static ValueTask Ran(string what)
    {
        Console.WriteLine($"\nran {what}");
        return default;
    }
}
END

NUGET_PACKAGES="$work/packages" dotnet build "$work" --output "$work/out" --nologo --verbosity quiet --disable-build-servers >"$work/log" || { cat "$work/log"; exit 2; }
dotnet "$work/out/finding.dll" -noColor | grep "^ran " | tee "$work/seen"
diff <(sed -n 's/^# | //p' "$0") "$work/seen" || { echo "No longer as stated above."; exit 1; }
