#!/usr/bin/env bash
# A property pattern on an `in` parameter copies the whole struct first.
#
# Guess:     `rank is { A: true, B: true }` reads the members through the reference, as `rank.A && rank.B` does: the struct is readonly, and `in` is there
#            to spare the copy. A constructor whose struct goes into a local is called on that local.
# Package:   Microsoft.Net.Compilers.Toolset 5.9.0
# Behaviour: any property pattern, and a switch over some, store the argument in a local of the struct's type first: half a kilobyte here, for a bit. And a
#            constructor is called on the local itself only while none of its parameters is a reference: with an `in` parameter the struct is made
#            elsewhere and copied.
# Seen:
# | a.First && a.Second: no copy
# | a is { First: true }: a copy
# | a is { First: true, Second: true }: a copy
# | a switch { { First: true } => 1, { Second: true } => 2, _ => 3 }: a copy
# | var made = new Made(long): made in place
# | var made = new MadeFrom(in long): made elsewhere
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
    <PackageReference Include="Microsoft.Net.Compilers.Toolset" Version="[5.9.0]" PrivateAssets="all" />
  </ItemGroup>
</Project>
END

cat >"$work/Program.cs" <<'END'
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

foreach (var (name, words) in new[]
{
    (nameof(Ask.And), "a.First && a.Second"),
    (nameof(Ask.One), "a is { First: true }"),
    (nameof(Ask.Two), "a is { First: true, Second: true }"),
    (nameof(Ask.Switch), "a switch { { First: true } => 1, { Second: true } => 2, _ => 3 }"),
})
    Console.WriteLine($"{words}: {(Body(name).LocalVariables.Any(local => local.LocalType == typeof(Large)) ? "a copy" : "no copy")}");
foreach (var (name, words) in new[] { (nameof(Ask.ByValue), "Made(long)"), (nameof(Ask.ByReference), "MadeFrom(in long)") })
    Console.WriteLine($"var made = new {words}: {(Body(name).GetILAsByteArray()!.Contains((byte)OpCodes.Newobj.Value) ? "made elsewhere" : "made in place")}");

static MethodBody Body(string name) => typeof(Ask).GetMethod(name)!.GetMethodBody()!;

[InlineArray(64)]
public struct Words
{
    private long _first;
}

public readonly struct Large(bool first, bool second)
{
    private readonly Words _words;

    public bool First { get; } = first;

    public bool Second { get; } = second;

    public long FirstWord => _words[0];
}

public readonly struct Made(long both)
{
    public readonly long A = both;
    public readonly long B = both;
}

public readonly struct MadeFrom
{
    public readonly long A;
    public readonly long B;

    public MadeFrom(in long both) => (A, B) = (both, both);
}

static class Ask
{
    public static bool And(in Large a) => a.First && a.Second;

    public static bool One(in Large a) => a is { First: true };

    public static bool Two(in Large a) => a is { First: true, Second: true };

    public static int Switch(in Large a) => a switch { { First: true } => 1, { Second: true } => 2, _ => 3 };

    public static long ByValue(long a)
    {
        var made = new Made(a);
        return made.A + made.B;
    }

    public static long ByReference(in long a)
    {
        var made = new MadeFrom(in a);
        return made.A + made.B;
    }
}
END

NUGET_PACKAGES="$work/packages" dotnet build "$work" --configuration Release --output "$work/out" --nologo --verbosity quiet --disable-build-servers >"$work/log" || { cat "$work/log"; exit 2; }
dotnet "$work/out/finding.dll" | tee "$work/seen"
diff <(sed -n 's/^# | //p' "$0") "$work/seen" || { echo "No longer as stated above."; exit 1; }
