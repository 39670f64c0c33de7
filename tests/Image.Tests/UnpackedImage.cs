using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using GpuMem.TestKit;

namespace GpuMem.Image.Tests;

/// <summary>
/// What hack/image.sh made, taken apart as a container runtime does it (https://github.com/opencontainers/image-spec): every blob is
/// held against its digest and size, and the layers are laid over one another.
/// </summary>
public sealed class UnpackedImage : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gpumem-image-");

    private readonly string _layout;

    public UnpackedImage()
    {
        if (!File.Exists(Archive))
            throw new InvalidOperationException($"there is no {Archive}: run hack/image.sh");

        (_layout, Root) = (_folder.CreateSubdirectory("layout").FullName, _folder.CreateSubdirectory("root").FullName);
        TarFile.ExtractToDirectory(Archive, _layout, overwriteFiles: false);
        Index = Read(Path.Combine(_layout, "index.json"));
        Descriptor = Assert.Single(Index["manifests"]!.AsArray())!;
        Manifest = Read(Blob(Descriptor));
        Config = Read(Blob(Manifest["config"]!));
        DiffIds = [.. Manifest["layers"]!.AsArray().Select(layer => Unpack(Blob(layer!)))];
    }

    public static string Archive { get; } = Path.Combine(RepositoryRoot.Path, "artifacts", "image", "gpumem.tar");

    /// <summary>The bill of materials beside it.</summary>
    public static JsonNode Bill => Read(Path.ChangeExtension(Archive, ".cdx.json"));

    public JsonNode Index { get; }

    /// <summary>What the index says of the one image in it.</summary>
    public JsonNode Descriptor { get; }

    public JsonNode Manifest { get; }

    public JsonNode Config { get; }

    /// <summary>The digests of the layers as they are before compression.</summary>
    public IReadOnlyList<string> DiffIds { get; }

    /// <summary>The file system.</summary>
    public string Root { get; }

    public JsonNode DockerManifest => Read(Path.Combine(_layout, "manifest.json"))[0]!;

    public string PathOf(string name) => Path.Combine(Root, name);

    public static string Digest(string file)
    {
        using var stream = File.OpenRead(file);
        return "sha256:" + Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static JsonNode Read(string file) => JsonNode.Parse(File.ReadAllText(file))!;

    private string Blob(JsonNode descriptor)
    {
        var digest = (string)descriptor["digest"]!;
        var file = Path.Combine(_layout, "blobs", digest.Replace(':', '/'));
        Assert.Equal((digest, (long)descriptor["size"]!), (Digest(file), new FileInfo(file).Length));
        return file;
    }

    private string Unpack(string layer)
    {
        var tar = Path.Combine(_folder.FullName, "layer.tar");
        using (GZipStream compressed = new(File.OpenRead(layer), CompressionMode.Decompress))
        using (var plain = File.Create(tar))
            compressed.CopyTo(plain);
        TarFile.ExtractToDirectory(tar, Root, overwriteFiles: true);
        return Digest(tar);
    }
}
