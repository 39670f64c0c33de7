using System.Xml.Linq;
using GpuMem.TestKit;

namespace GpuMem.Architecture.Tests;

/// <summary>docs/dependencies.md says of each package why it is here.</summary>
public sealed class PackageTests
{
    [Fact]
    public void Every_package_is_explained()
    {
        var page = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs/dependencies.md"));
        var words = page.Split([' ', '\n', '|', ',', ';', ':', '(', ')', '`'], StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);

        Assert.NotEmpty(Packages());
        Assert.Empty(Packages().Except(words));
    }

    private static IEnumerable<string> Packages() =>
        from pattern in new[] { "*.csproj", "*.props", "*.targets" }
        from file in SourceFiles.Under(".", pattern)
        from element in XDocument.Parse(file.Text).Descendants()
        where element.Name.LocalName is "PackageReference" or "PackageVersion" or "GlobalPackageReference"
        let name = element.Attribute("Include") ?? element.Attribute("Update")
        where name is not null
        select name.Value;
}
