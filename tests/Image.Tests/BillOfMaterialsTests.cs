using System.Text.Json.Nodes;

namespace GpuMem.Image.Tests;

public sealed class BillOfMaterialsTests(UnpackedImage image) : IClassFixture<UnpackedImage>
{
    private static JsonNode Bill => UnpackedImage.Bill;

    private static JsonNode[] Components => [.. Bill["components"]!.AsArray().Select(component => component!)];

    [Fact]
    public void It_is_of_this_image_and_of_this_binary()
    {
        Assert.Equal(("CycloneDX", "1.6"), ((string?)Bill["bomFormat"], (string?)Bill["specVersion"]));
        Assert.Equal((string?)image.Descriptor["digest"], "sha256:" + Hash(Bill["metadata"]!["component"]!));
        var binary = Assert.Single(Components, component => (string?)component["type"] == "application");
        Assert.Equal(UnpackedImage.Digest(image.PathOf("gpumem")), "sha256:" + Hash(binary));
    }

    [Fact]
    public void Every_package_of_Debian_in_the_image_is_on_it_and_no_other()
    {
        var installed = Directory.GetFiles(image.PathOf("var/lib/dpkg/status.d"))
            .Select(file => File.ReadAllLines(file).Where(line => line.Contains(": ", StringComparison.Ordinal) && line[0] != ' ')
                .ToDictionary(line => line[..line.IndexOf(':', StringComparison.Ordinal)], line => line[(line.IndexOf(':', StringComparison.Ordinal) + 2)..]))
            .Select(fields => (fields["Package"], fields["Version"])).Order();
        Assert.Equal(installed, Of("pkg:deb/").Order());
    }

    [Fact]
    public void What_is_compiled_in_is_on_it_with_the_runtime()
    {
        var compiled = Of("pkg:nuget/").ToDictionary(package => package.Name, package => package.Version);
        Assert.Contains("Polly.Core", compiled.Keys);
        Assert.Contains("System.CommandLine", compiled.Keys);
        Assert.Equal(compiled["Microsoft.NETCore.App.Runtime.NativeAOT.linux-x64"], compiled["Microsoft.AspNetCore.App.Runtime.linux-x64"]);
        Assert.DoesNotContain(compiled.Keys, name => name.Contains("xunit", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void Each_has_a_version_a_licence_a_hash_and_an_address_of_its_own() => Assert.All(Components, component =>
    {
        Assert.NotEqual("", (string?)component["version"]);
        Assert.NotNull(component["licenses"]![0]!["expression"]);
        Assert.Matches("^([0-9a-f]{64}|[0-9a-f]{128})$", Hash(component));
        Assert.Single(Components, other => (string?)other["purl"] == (string?)component["purl"]);
    });

    [Fact]
    public void What_depends_on_what_names_only_what_is_listed()
    {
        HashSet<string> known = [.. Components.Append(Bill["metadata"]!["component"]!).Select(component => (string)component["bom-ref"]!)];
        var named = Bill["dependencies"]!.AsArray().SelectMany(dependency => dependency!["dependsOn"]!.AsArray().Append(dependency["ref"]!.DeepClone()));
        Assert.Equal(known, named.Select(name => (string)name!).ToHashSet());
    }

    private static IEnumerable<(string Name, string Version)> Of(string kind) => Components
        .Where(component => ((string)component["purl"]!).StartsWith(kind, StringComparison.Ordinal))
        .Select(component => ((string)component["name"]!, (string)component["version"]!));

    private static string Hash(JsonNode component) => (string)component["hashes"]![0]!["content"]!;
}
