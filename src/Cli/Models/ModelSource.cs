using GpuMem.Catalogues.Models;
using GpuMem.Estimation.Models;

namespace GpuMem.Cli.Models;

/// <summary>A model as people name it on a command line: a file, or a name in the catalogue.</summary>
internal static class ModelSource
{
    /// <param name="nameOrFile">The path of a <c>config.json</c>, or a Hugging Face id or short name.</param>
    /// <exception cref="UserErrorException">It is neither; the message suggests close names.</exception>
    public static ModelArchitecture Read(string nameOrFile)
    {
        if (File.Exists(nameOrFile))
            return Parse(nameOrFile);
        if (nameOrFile.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
            throw new UserErrorException($"{nameOrFile}: no such file");
        return ModelCatalogue.TryFind(nameOrFile, out var model, out var problem) ? model : throw new UserErrorException(problem);
    }

    private static ModelArchitecture Parse(string file)
    {
        // Asked before it is read, so that the wrong file is refused whatever its size.
        if (new FileInfo(file).Length is var length && length > HuggingFaceConfig.MaxBytes)
            throw new UserErrorException($"{file} has {length} bytes; a config.json has at most {HuggingFaceConfig.MaxBytes}");
        try
        {
            return HuggingFaceConfig.Parse(File.ReadAllBytes(file), file);
        }
        catch (ModelFormatException error)
        {
            throw new UserErrorException(error.Message);
        }
    }
}
