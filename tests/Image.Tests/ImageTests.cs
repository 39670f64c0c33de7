using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using GpuMem.TestKit;

namespace GpuMem.Image.Tests;

public sealed class ImageTests(UnpackedImage image) : IClassFixture<UnpackedImage>
{
    private JsonNode Settings => image.Config["config"]!;

    [Fact]
    public void It_is_an_image_for_Linux_whose_layers_are_what_its_configuration_says()
    {
        Assert.Equal(("linux", "amd64"), ((string?)image.Config["os"], (string?)image.Config["architecture"]));
        Assert.Equal(image.DiffIds, image.Config["rootfs"]!["diff_ids"]!.AsArray().Select(digest => (string)digest!));
        Assert.Equal(image.DiffIds.Count, image.Config["history"]!.AsArray().Count);
    }

    [Fact]
    public void It_runs_gpumem_as_a_user_that_is_not_root()
    {
        Assert.Equal("65532:65532", (string?)Settings["User"]);
        Assert.Contains("nonroot:x:65532:65532:", File.ReadAllText(image.PathOf("etc/passwd")));
        Assert.Equal("/gpumem", (string?)Assert.Single(Settings["Entrypoint"]!.AsArray()));
    }

    [Fact]
    public void It_says_what_it_is()
    {
        var labels = Settings["Labels"]!;
        string Label(string name) => (string)labels["org.opencontainers.image." + name]!;

        Assert.Equal("gpumem", Label("title"));
        Assert.Contains("GPU memory", Label("description"));
        Assert.Equal("Apache-2.0", Label("licenses"));
        Assert.Equal("scratch", Label("base.name"));
        // Where the clone has no address on the web there is none to tell; a password in it is told in no case.
        if (labels["org.opencontainers.image.source"] is { } source)
            Assert.Matches("^https://[^@]+$", (string?)source);
    }

    [Fact]
    public async Task It_has_the_name_that_the_chart_gives_its_pods()
    {
        var (exitCode, chart, error) = await Script.RunAsync(
            await ClientTool.PathAsync("helm"), ["template", "gpumem", Path.Combine(RepositoryRoot.Path, "charts", "gpumem")]);
        Assert.True(exitCode == 0, error);

        var name = (string)image.Descriptor["annotations"]!["io.containerd.image.name"]!;
        Assert.Contains($"image: {name}\n", chart);
        Assert.Equal(name.Split(':')[^1], (string?)Settings["Labels"]!["org.opencontainers.image.version"]);
        Assert.Contains("runAsUser: 65532", chart);
        Assert.Contains("readOnlyRootFilesystem: true", chart);
    }

    [Fact]
    public void Docker_reads_the_same_layers_in_its_own_words()
    {
        string Path(JsonNode? descriptor) => "blobs/" + ((string)descriptor!["digest"]!).Replace(':', '/');

        Assert.Equal(Path(image.Manifest["config"]), (string?)image.DockerManifest["Config"]);
        Assert.Equal(image.Manifest["layers"]!.AsArray().Select(Path), image.DockerManifest["Layers"]!.AsArray().Select(layer => (string)layer!));
        Assert.Equal((string?)image.Descriptor["annotations"]!["io.containerd.image.name"], (string?)Assert.Single(image.DockerManifest["RepoTags"]!.AsArray()));
    }

    [Fact]
    public void Everyone_may_read_it_and_nobody_but_root_may_write_outside_tmp()
    {
        const UnixFileMode others = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite | UnixFileMode.SetUser | UnixFileMode.SetGroup;

        var paths = Directory.EnumerateFileSystemEntries(image.Root, "*", SearchOption.AllDirectories)
            .Where(path => path != image.PathOf("tmp") && new FileInfo(path).LinkTarget is null).ToList();
        Assert.All(paths, path => Assert.Equal(UnixFileMode.OtherRead, File.GetUnixFileMode(path) & (UnixFileMode.OtherRead | others)));
        Assert.Equal(UnixFileMode.OtherExecute, File.GetUnixFileMode(image.PathOf("gpumem")) & UnixFileMode.OtherExecute);
    }

    [Fact]
    public void It_trusts_the_authorities_that_Debian_trusts()
    {
        var bundle = Assert.Single(Settings["Env"]!.AsArray(), variable => ((string)variable!).StartsWith("SSL_CERT_FILE=/", StringComparison.Ordinal));
        X509Certificate2Collection authorities = [];
        authorities.ImportFromPemFile(image.PathOf(((string)bundle!).Split("=/")[1]));
        Assert.InRange(authorities.Count, 50, 500);
    }

    [Fact]
    public void It_takes_30_MiB_at_most() => Assert.InRange(new FileInfo(UnpackedImage.Archive).Length, 1 << 20, 30 << 20);

    [Fact]
    public async Task Made_again_it_is_the_same_byte_for_byte()
    {
        var folder = Directory.CreateTempSubdirectory("gpumem-again-");
        try
        {
            // A commit since then changes its times and nothing else.
            var created = DateTimeOffset.Parse((string)image.Config["created"]!, CultureInfo.InvariantCulture).ToUnixTimeSeconds();
            var (exitCode, output, error) = await Script.RunAsync(
                Path.Combine(RepositoryRoot.Path, "hack", "image.sh"), ["--to", folder.FullName],
                environment: new Dictionary<string, string> { ["SOURCE_DATE_EPOCH"] = created.ToString(CultureInfo.InvariantCulture) });
            Assert.True(exitCode == 0, error);
            Assert.EndsWith("@" + (string)image.Descriptor["digest"]!, output.Trim());
            foreach (var name in new[] { "gpumem.tar", "gpumem.cdx.json" })
                Assert.Equal(UnpackedImage.Digest(Path.Combine(folder.FullName, name)), UnpackedImage.Digest(Path.Combine(Path.GetDirectoryName(UnpackedImage.Archive)!, name)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
